{{/* The metadata of an object here, from a dict: root, settings (namespace, labels, annotations), suffix of the name. */}}
{{- define "cognito-mfa-operator.monitoringMetadata" -}}
{{- $name := include "cognito-mfa-operator.fullname" .root }}
{{- with .suffix }}
{{- $name = printf "%s-%s" ($name | trunc 50 | trimSuffix "-") . }}
{{- end }}
{{- $namespace := .settings.namespace | default (include "cognito-mfa-operator.namespace" .root) }}
{{- include "cognito-mfa-operator.metadata" (dict "root" .root "name" $name "namespace" $namespace "labels" .settings.labels "annotations" .settings.annotations) }}
{{- end }}

{{/* Whether an object of the Prometheus operator is rendered ("true" or nothing), from a dict: root, renderMode, kind. */}}
{{- define "cognito-mfa-operator.rendersMonitoring" -}}
{{- $known := .root.Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}
{{- if or $known (eq .renderMode "alwaysRender") -}}
true
{{- else if eq .renderMode "failIfMissing" }}
{{- fail (printf "the cluster has no %s (monitoring.coreos.com/v1): install the Prometheus operator's definitions first, or set renderMode to skipIfMissing; without a cluster (helm template) add --api-versions monitoring.coreos.com/v1" .kind) }}
{{- end }}
{{- end }}

{{/* What stands for the words between @ in the files of alerts, as YAML. */}}
{{- define "cognito-mfa-operator.alertWords" -}}
{{- $namespace := include "cognito-mfa-operator.namespace" . }}
{{- $ours := printf "namespace=%q,job=%q" $namespace (include "cognito-mfa-operator.fullname" .) }}
selector: {{ .Values.metrics.prometheusRule.selector | default $ours | quote }}
namespace: {{ $namespace | quote }}
runbooks: {{ .Values.metrics.prometheusRule.runbookBaseUrl | quote }}
# Reasons of objects whose pools are not read.
resting: Suspended|NamespaceNotMapped|PoolNotAllowed|CallerRoleNotAllowed|PoolOwnedByAnother|InvalidSpec
# Codes that ask for fewer calls, and those that are no answer of Cognito's.
throttled: TooManyRequestsException|RequestLimitExceeded|RequestThrottled|RequestThrottledException|SlowDown|ThrottledException|Throttling|ThrottlingException
unavailable: InternalErrorException|InternalFailure|InternalServerError|InternalServerException|RequestTimeout|RequestTimeoutException|ServiceUnavailable|ServiceUnavailableException|ConnectionFailed|HttpError|Timeout|UnreadableAnswer
{{- end }}

{{/* The groups of a file of alerts, from a dict: root, file. */}}
{{- define "cognito-mfa-operator.alerts" -}}
{{- $settings := .root.Values.metrics.prometheusRule }}
{{- $text := .root.Files.Get .file }}
{{- range $word, $value := merge (include "cognito-mfa-operator.alertWords" .root | fromYaml) $settings.thresholds }}
{{- $text = $text | replace (printf "@%s@" $word) (toString $value) }}
{{- end }}
{{- range ($text | fromYaml).groups }}
- name: {{ .name }}
  rules:
    {{- range .rules }}
    {{- if not (has .alert $settings.disabled) }}
    {{- include "cognito-mfa-operator.alert" (dict "rule" . "settings" $settings) | nindent 4 }}
    {{- end }}
    {{- end }}
{{- end }}
{{- end }}

{{/* One alert, with the labels that every alert has and the address of its runbook, from a dict: rule, settings. */}}
{{- define "cognito-mfa-operator.alert" -}}
{{- $_ := set .rule "labels" (merge .rule.labels .settings.ruleLabels) }}
{{- $page := .rule.annotations.runbook_url | default (printf "%s/monitoring.md#%s" .settings.runbookBaseUrl (lower .rule.alert)) }}
{{- $annotations := omit .rule.annotations "runbook_url" }}
{{- if .settings.runbookBaseUrl }}
{{- $_ := set $annotations "runbook_url" $page }}
{{- end }}
{{- $_ := set .rule "annotations" $annotations }}
{{- list .rule | toYaml }}
{{- end }}
