{{- define "treadmill.name" -}}
{{- if contains "treadmill" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-treadmill" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "treadmill.labels" -}}
app.kubernetes.io/name: treadmill
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "treadmill.image" -}}
{{- $repository := required "image.repository: where did you push the image of the release to?" .Values.image.repository -}}
{{- if .Values.image.digest }}{{ $repository }}@{{ .Values.image.digest }}{{ else }}{{ $repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "treadmill.hasFleet" -}}
{{- if or .Values.fleet.text .Values.fleet.configMap }}true{{ end }}
{{- end }}

{{- /* What every pod has: no rights, a file system that cannot be written, a user that is nobody. */ -}}
{{- define "treadmill.pod" -}}
serviceAccountName: {{ include "treadmill.name" .root }}-{{ .part }}
automountServiceAccountToken: {{ .token }}
securityContext: {runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- end }}

{{- define "treadmill.container" -}}
securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
{{- end }}
