{{/*
Gives each value that is not there its default. Helm takes a value away when nothing is written after its name, and a
section with all its lines commented out is such a value. A release that is upgraded with --reuse-values lacks the
values of newer charts. Each template begins with this: which of them Helm reads first is not defined.
*/}}
{{- define "cognito-mfa-operator.defaults" -}}
{{- include "cognito-mfa-operator.fill" (dict "values" .Values "defaults" (.Files.Get "files/defaults.yaml" | fromYaml)) }}
{{- end }}

{{/* Puts into a map what it lacks, from a dict: values, defaults. */}}
{{- define "cognito-mfa-operator.fill" -}}
{{- range $name, $default := .defaults }}
{{- $value := get $.values $name }}
{{- if kindIs "map" $default }}
{{- $value = $value | default dict }}
{{- include "cognito-mfa-operator.fill" (dict "values" $value "defaults" $default) }}
{{- $_ := set $.values $name $value }}
{{- else if or (not (hasKey $.values $name)) (kindIs "invalid" $value) }}
{{- $_ := set $.values $name $default }}
{{- end }}
{{- end }}
{{- end }}
