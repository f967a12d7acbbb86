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

{{/*
What stands for the words between @ in the files of alerts, as JSON. A check is late after twice its interval at the
soonest.
*/}}
{{- define "cognito-mfa-operator.alertWords" -}}
{{- $namespace := include "cognito-mfa-operator.namespace" . }}
{{- $rule := .Values.metrics.prometheusRule }}
{{- $words := deepCopy $rule.thresholds }}
{{- $interval := divf (include "cognito-mfa-operator.milliseconds" .Values.driftCheckInterval) 1000 }}
{{- $_ := set $words "oldestCheckAgeSeconds" (maxf $words.oldestCheckAgeSeconds (mulf 2 $interval)) }}
{{- $_ := set $words "selector" ($rule.selector | default (printf "namespace=%q,job=%q" $namespace (include "cognito-mfa-operator.serviceName" .))) }}
{{- $_ := set $words "namespace" $namespace }}
{{- $_ := set $words "runbooks" (include "cognito-mfa-operator.runbooks" .) }}
{{- /* Reasons of objects whose pools are not read. */}}
{{- $_ := set $words "resting" "Suspended|NamespaceNotMapped|PoolNotAllowed|CallerRoleNotAllowed|PoolOwnedByAnother|InvalidSpec" }}
{{- /* Codes that ask for fewer calls, and those that are no answer of Cognito's. */}}
{{- $_ := set $words "throttled" "TooManyRequestsException|RequestLimitExceeded|RequestThrottled|RequestThrottledException|SlowDown|ThrottledException|Throttling|ThrottlingException" }}
{{- $_ := set $words "unavailable" "InternalErrorException|InternalFailure|InternalServerError|InternalServerException|RequestTimeout|RequestTimeoutException|ServiceUnavailable|ServiceUnavailableException|ConnectionFailed|CredentialsUnreachable|HttpError|Timeout|UnreadableAnswer" }}
{{- toJson $words }}
{{- end }}

{{/* Where the documents are: as the user says, or at the chart's home, which a release writes into Chart.yaml. */}}
{{- define "cognito-mfa-operator.runbooks" -}}
{{- $ofHome := .Chart.Home | empty | ternary "" (printf "%s/blob/v%s/docs" .Chart.Home .Chart.AppVersion) }}
{{- .Values.metrics.prometheusRule.runbookBaseUrl | default $ofHome }}
{{- end }}

{{/* A text of an alert with its words put in, from a dict: words, text. */}}
{{- define "cognito-mfa-operator.worded" -}}
{{- $text := .text }}
{{- range $word, $value := .words }}
{{- $text = $text | replace (printf "@%s@" $word) (toString $value) }}
{{- end }}
{{- $text }}
{{- end }}

{{/*
The groups of a file of alerts, from a dict: root, file. Read before the words are put in: whatever a value has in it, it
changes one text and nothing around it.
*/}}
{{- define "cognito-mfa-operator.alerts" -}}
{{- $settings := .root.Values.metrics.prometheusRule }}
{{- $words := include "cognito-mfa-operator.alertWords" .root | fromJson }}
{{- range $group := (.root.Files.Get .file | fromYaml).groups }}
{{- $rules := list }}
{{- range .rules }}
{{- if not (has .alert ($settings.disabled | default list)) }}
{{- $rules = append $rules (include "cognito-mfa-operator.alert" (dict "rule" . "settings" $settings "words" $words) | fromYaml) }}
{{- end }}
{{- end }}
{{- with $rules }}
{{ dict "name" $group.name "rules" . | list | toYaml }}
{{- end }}
{{- end }}
{{- end }}

{{/* One alert, with the labels that every alert has and the address of its runbook, from a dict: rule, settings, words. */}}
{{- define "cognito-mfa-operator.alert" -}}
{{- $words := .words }}
{{- $annotations := dict "runbook_url" (printf "@runbooks@/monitoring.md#%s" (lower .rule.alert)) }}
{{- range $name, $text := merge (deepCopy .rule.annotations) $annotations }}
{{- $_ := set $annotations $name (include "cognito-mfa-operator.worded" (dict "words" $words "text" $text)) }}
{{- end }}
{{- if not $words.runbooks }}
{{- $annotations = omit $annotations "runbook_url" }}
{{- end }}
{{- $_ := set .rule "expr" (include "cognito-mfa-operator.worded" (dict "words" $words "text" .rule.expr)) }}
{{- $_ := set .rule "labels" (merge .rule.labels (.settings.ruleLabels | default dict)) }}
{{- $_ := set .rule "annotations" $annotations }}
{{- toYaml .rule }}
{{- end }}
