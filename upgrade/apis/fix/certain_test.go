package fix_test

import (
	"strings"
	"testing"
)

// TestTemplatesAreRewrittenAsFarAsTheirTextShows: an object of a template is rewritten where its text shows that it means the same, and told
// with the reason where what counts comes from values.
func TestTemplatesAreRewrittenAsFarAsTheirTextShows(t *testing.T) {
	const (
		budget = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: {{ .n }}}\nspec:\n"
		job    = "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: {{ .n }}}\nspec:\n"
		scaler = "apiVersion: autoscaling/v2beta1\nkind: HorizontalPodAutoscaler\nmetadata: {name: {{ .n }}}\nspec:\n  maxReplicas: {{ .Values.max }}\n"
		daemon = "apiVersion: extensions/v1beta1\nkind: DaemonSet\nmetadata: {name: {{ .n }}}\nspec:\n  selector: {matchLabels: {app: {{ .n }}}}\n"
		deploy = "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: {{ .n }}}\nspec:\n  selector: {matchLabels: {app: a}}\n"
	)
	table := load(t)
	for name, c := range map[string]struct{ text, want string }{
		"labels":                {budget + "  selector:\n    matchLabels:\n      app: {{ .Values.app }}\n", ""},
		"labels in brackets":    {budget + "  selector: {matchLabels: {app: \"{{ .n }}\"}}\n", ""},
		"labels in a condition": {"{{- if .Values.on }}\n" + budget + "  selector:\n    matchLabels: {a: b}\n{{- end }}\n", ""},
		"expression":            {budget + "  selector:\n    matchExpressions:\n      - {key: a, operator: Exists}\n", ""},
		"definition":            {budget + "  selector:\n    matchLabels: {{- include \"labels\" . | nindent 6 }}\n", ""},
		"definition below":      {budget + "  selector:\n    matchLabels:\n      {{- include \"labels\" . | nindent 6 }}\n      {{- include \"more\" . | nindent 6 }}\n", ""},
		"values":                {budget + "  selector:\n    matchLabels: {{- toYaml .Values.sel | nindent 6 }}\n", "a selector that is not empty"},
		"values below":          {budget + "  selector:\n    matchLabels:\n      {{- toYaml .Values.sel | nindent 6 }}\n", "a selector that is not empty"},
		"values in a variable":  {budget + "  selector:\n    matchLabels:\n      {{- toYaml $sel | nindent 6 }}\n", "a selector that is not empty"},
		"loop":                  {budget + "  selector:\n    matchLabels:\n      {{- range $k, $v := .Values.sel }}\n      {{ $k }}: {{ $v }}\n      {{- end }}\n", "a selector that is not empty"},
		"loop over text":        {budget + "  selector:\n    matchLabels:\n      {{- range .Values.sel }}\n      app: a\n      {{- end }}\n", "a selector that is not empty"},
		"with":                  {budget + "  {{- with .Values.sel }}\n  selector: {matchLabels: {a: b}}\n  {{- end }}\n", "a selector that is not empty"},
		"key":                   {budget + "  selector:\n    matchLabels:\n      {{ .Values.key }}: a\n", "a selector that is not empty"},
		"all":                   {budget + "  {{- toYaml .Values.pdb | nindent 2 }}\n", "a selector that is not empty"},
		"other branch": {"{{- if .Values.on }}\n" + budget + "  minAvailable: 1\n{{- else }}\nspec:\n  selector: {matchLabels: {a: b}}\n{{- end }}\n",
			"a selector that is not empty"},

		"schedule":           {job + "  schedule: \"1 2 * * *\"\n  jobTemplate: {{ toYaml .Values.job | nindent 4 }}\n", ""},
		"schedule with list": {job + "  schedule: '@daily'\n  env:\n    - name: a\n    {{- toYaml .Values.env | nindent 4 }}\n", ""},
		"schedule of values": {job + "  schedule: {{ .Values.schedule | quote }}\n", "names no time zone"},
		"schedule in quotes": {job + "  schedule: \"{{ .Values.minute }} 2 * * *\"\n", "names no time zone"},
		"schedule chosen":    {job + "  {{- if .x }}\n  schedule: '@daily'\n  {{- end }}\n", "names no time zone"},
		"schedule in line":   {job + "  schedule: {{ if .x }}'@daily'{{ else }}'@weekly'{{ end }}\n", "names no time zone"},
		"zone":               {job + "  schedule: \"TZ=UTC 1 2 * * *\"\n  jobTemplate: {{ .x }}\n", "write it to spec.timeZone"},

		"target":                {scaler + "  metrics:\n    {{- if .Values.cpu }}\n    - type: Resource\n      resource:\n        name: cpu\n        targetAverageUtilization: {{ .Values.cpu }}\n    {{- end }}\n", ""},
		"no metrics":            {scaler + "  minReplicas: 1\n", ""},
		"metrics of values":     {scaler + "  metrics: {{ toYaml .Values.metrics | nindent 4 }}\n", "come from values or a definition"},
		"metrics below":         {scaler + "  metrics:\n    {{- toYaml .Values.metrics | nindent 4 }}\n", "come from values or a definition"},
		"metrics with":          {scaler + "  {{- with .Values.metrics }}\n  metrics:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}\n", "come from values or a definition"},
		"metrics in a loop":     {scaler + "  metrics:\n    {{- range .Values.metrics }}\n    - {{ toYaml . | nindent 6 }}\n    {{- end }}\n", "come from values or a definition"},
		"metrics and more":      {scaler + "  metrics:\n    - type: Resource\n      resource: {{ .Values.cpu | toJson }}\n", "come from values or a definition"},
		"metrics in definition": {scaler + "  metrics:\n    {{- include \"metrics\" . | nindent 4 }}\n", "come from values or a definition"},
		"target in brackets":    {scaler + "  metrics: [{type: Resource, resource: {name: cpu, targetAverageUtilization: {{ .x }}}}]\n", "on a line of its own"},
		"spec of values":        {strings.Split(scaler, "spec:")[0] + "{{ include \"spec\" . }}\n", "does not show its spec"},

		"strategy of daemons":    {daemon + "  updateStrategy: {type: OnDelete}\n", ""},
		"strategy from values":   {daemon + "  updateStrategy: {{ toYaml .Values.s | nindent 4 }}\n", "type of updateStrategy"},
		"strategy with a value":  {daemon + "  updateStrategy: {type: {{ .Values.s }}}\n", "type of updateStrategy"},
		"no strategy":            {deploy, ""},
		"recreate":               {deploy + "  strategy: {type: Recreate}\n", ""},
		"pace":                   {deploy + "  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}\n", ""},
		"half a pace":            {deploy + "  strategy: {rollingUpdate: {maxSurge: 1}}\n", "maxSurge and maxUnavailable"},
		"deployment from values": {deploy + "  {{- with .Values.s }}\n  strategy: {{ toYaml . | nindent 4 }}\n  {{- end }}\n", "maxSurge and maxUnavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			text := []byte(c.text)
			if !strings.Contains(c.text, "{{ .n }}") {
				t.Fatal("it is no template")
			}
			got := run(t, table, "t.yaml", text)
			switch {
			case c.want == "" && len(got.Changes) != 1:
				t.Errorf("left as it is: %v", got.Findings)
			case c.want != "" && (len(got.Changes) > 0 || len(got.Findings) != 1 || !strings.Contains(got.Findings[0].Message, c.want)):
				t.Errorf("changes %v, findings %v, want %q", got.Changes, got.Findings, c.want)
			}
		})
	}
}
