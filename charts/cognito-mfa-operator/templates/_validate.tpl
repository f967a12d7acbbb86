{{/* What the schema cannot check: values that do not go together. */}}
{{- define "cognito-mfa-operator.validate" -}}
{{- with .Values.accounts }}
{{- if and .entries .existing.name }}
{{- fail "accounts.entries and accounts.existing.name are both set: write the entries here or in your own object, not in both" }}
{{- end }}
{{- if and .enabled (not .entries) (not .existing.name) }}
{{- fail "accounts.enabled is true without accounts.entries or accounts.existing.name: write one of them" }}
{{- end }}
{{- if and (or .entries .existing.name) (not .enabled) }}
{{- fail "accounts has a file but accounts.enabled is false: set it to true, or everybody is served under the operator's own identity" }}
{{- end }}
{{- end }}
{{- if and .Values.watchNamespaces .Values.allowDisableOnDelete .Values.rbac.create (not .Values.rbac.clusterScoped) }}
{{- fail "allowDisableOnDelete with watchNamespaces needs rbac.clusterScoped=true: before MFA is turned off, the operator looks whether the CustomResourceDefinition is going away, and an object whose deletion it cannot judge would never go" }}
{{- end }}
{{- if and .Values.watchNamespaces (or .Values.references.upjetCluster .Values.references.crossplane) .Values.rbac.create (not .Values.rbac.clusterScoped) }}
{{- fail "references.upjetCluster and references.crossplane with watchNamespaces need rbac.clusterScoped=true: these UserPools are in no namespace" }}
{{- end }}
{{- include "cognito-mfa-operator.validateTimes" .Values }}
{{- end }}

{{/* What crates/core/src/schedule/interval.rs and crates/core/src/leader_election/timing.rs refuse. */}}
{{- define "cognito-mfa-operator.validateTimes" -}}
{{- $interval := include "cognito-mfa-operator.milliseconds" .driftCheckInterval | int64 }}
{{- if or (lt $interval 60000) (gt $interval 86400000) }}
{{- fail (printf "driftCheckInterval %q is out of bounds: write 1m to 24h" .driftCheckInterval) }}
{{- end }}
{{- with .leaderElection }}
{{- $lease := include "cognito-mfa-operator.milliseconds" .leaseDuration | int64 }}
{{- $deadline := include "cognito-mfa-operator.milliseconds" .renewDeadline | int64 }}
{{- $twice := include "cognito-mfa-operator.milliseconds" .retryPeriod | int64 | mul 2 }}
{{- if mod $lease 1000 }}
{{- fail (printf "leaderElection.leaseDuration %q: write whole seconds, such as 15s" .leaseDuration) }}
{{- end }}
{{- if not $twice }}
{{- fail "leaderElection.retryPeriod: write more than zero, such as 2s" }}
{{- end }}
{{- if le $deadline $twice }}
{{- fail (printf "leaderElection.renewDeadline %q leaves no second try: write more than twice retryPeriod, which is %q" .renewDeadline .retryPeriod) }}
{{- end }}
{{- if lt $lease (add $deadline $twice) }}
{{- fail (printf "leaderElection.leaseDuration %q is too short: write at least renewDeadline and twice retryPeriod, together %dms" .leaseDuration (add $deadline $twice)) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The length of a time such as 1h30m or 500ms. */}}
{{- define "cognito-mfa-operator.milliseconds" -}}
{{- $units := dict "h" 3600000 "m" 60000 "s" 1000 "ms" 1 }}
{{- $sum := 0 }}
{{- range regexFindAll "[0-9]+(ms|h|m|s)" . -1 }}
{{- $sum = add $sum (mul (regexFind "[0-9]+" . | atoi) (get $units (regexFind "[a-z]+" .))) }}
{{- end }}
{{- $sum }}
{{- end }}
