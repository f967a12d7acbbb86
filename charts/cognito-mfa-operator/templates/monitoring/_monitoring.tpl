{{/*
Whether an object of the Prometheus operator is rendered ("true" or nothing), from a dict: root, renderMode, kind.
*/}}
{{- define "cognito-mfa-operator.rendersMonitoring" -}}
{{- $known := .root.Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}
{{- if or $known (eq .renderMode "alwaysRender") -}}
true
{{- else if eq .renderMode "failIfMissing" }}
{{- fail (printf "the cluster has no %s (monitoring.coreos.com/v1): install the Prometheus operator's CRDs first, or set renderMode to skipIfMissing; without a cluster (helm template) add --api-versions monitoring.coreos.com/v1" .kind) }}
{{- end }}
{{- end }}

{{/* What the alerts select the operator's own metrics by. */}}
{{- define "cognito-mfa-operator.metricsSelector" -}}
{{- $ours := printf "namespace=%q,job=%q" (include "cognito-mfa-operator.namespace" .) (include "cognito-mfa-operator.fullname" .) }}
{{- .Values.metrics.prometheusRule.selector | default $ours }}
{{- end }}

{{/* A file of alerts with the values in it, from a dict: root, file. */}}
{{- define "cognito-mfa-operator.alerts" -}}
{{- $settings := .root.Values.metrics.prometheusRule }}
{{- $text := .root.Files.Get .file }}
{{- $words := dict
  "resting" "Suspended|NamespaceNotMapped|PoolNotAllowed|CallerRoleNotAllowed|PoolOwnedByAnother|InvalidSpec"
  "throttled" "TooManyRequestsException|RequestLimitExceeded|RequestThrottled|RequestThrottledException|SlowDown|ThrottledException|Throttling|ThrottlingException"
  "unavailable" "Internal(Error|Server)?(Failure|Exception|Error)|ServiceUnavailable(Exception)?|RequestTimeout(Exception)?|ConnectionFailed|HttpError|Timeout|UnreadableResponse|Other"
  "selector" (include "cognito-mfa-operator.metricsSelector" .root)
  "namespace" (include "cognito-mfa-operator.namespace" .root)
}}
{{- range $word, $value := merge $words $settings.thresholds }}
{{- $text = $text | replace (printf "@%s@" $word) (toString $value) }}
{{- end }}
{{- range ($text | fromYaml).groups }}
- name: {{ .name }}
  rules:
  {{- range .rules }}
  {{- if not (has .alert $settings.disabled) }}
  {{- $_ := set . "labels" (merge .labels $settings.ruleLabels) }}
  {{- with $settings.runbookBaseUrl }}
  {{- $_ := set $.alert "runbook_url" "" }}
  {{- end }}
  - {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
{{- end }}
{{- end }}
