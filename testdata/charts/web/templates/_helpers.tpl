{{/*
The name of the release.
apiVersion: this/is-a-comment
*/}}
{{- define "web.name" -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "web.flow" -}}
apiVersion: flowcontrol.apiserver.k8s.io/v1beta3
kind: FlowSchema
metadata:
  name: {{ .name }}
{{- end -}}
