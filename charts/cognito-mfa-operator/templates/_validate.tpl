{{/* What the schema cannot tell: values that do not go together. */}}
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
{{- end }}
