{{/*
The other operators with a right to objects that this release serves, as the names of their roles: NAMESPACE:NAME. Helm
shows them in the notes alone. Without a cluster, as with `helm template`, there are none. It lists only what the release
makes itself: bindings in the namespaces that it serves and, where it makes ClusterRoles, those of the cluster.
*/}}
{{- define "cognito-mfa-operator.others" -}}
{{- $found := dict }}
{{- if .Values.rbac.create }}
{{- $all := not .Values.watchNamespaces }}
{{- $api := "rbac.authorization.k8s.io/v1" }}
{{- range $namespace := .Values.watchNamespaces | default (list "") }}
{{- range (lookup $api "RoleBinding" $namespace "").items }}
{{- if include "cognito-mfa-operator.isOther" (dict "root" $ "binding" .) }}
{{- $_ := set $found .metadata.name true }}
{{- end }}
{{- end }}
{{- end }}
{{- if or $all .Values.rbac.aggregateView .Values.rbac.aggregateEdit }}
{{- range (lookup $api "ClusterRoleBinding" "" "").items }}
{{- if include "cognito-mfa-operator.isOther" (dict "root" $ "binding" .) }}
{{- $_ := set $found .metadata.name true }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- keys $found | sortAlpha | join " and " }}
{{- end }}

{{/*
Whether a binding gives another operator the right to report on objects ("true" or nothing), from a dict: root, binding.
The Role of the Lease, and the ClusterRole of one look at the CustomResourceDefinition, give no such right.
*/}}
{{- define "cognito-mfa-operator.isOther" -}}
{{- $labels := .binding.metadata.labels | default dict }}
{{- $isOperator := or (hasPrefix "cognito-mfa-operator-" (get $labels "helm.sh/chart")) (eq "cognito-mfa-operator" (get $labels "app.kubernetes.io/name")) }}
{{- if and $isOperator (ne .binding.metadata.name (include "cognito-mfa-operator.globalName" .root)) }}
{{- $role := lookup "rbac.authorization.k8s.io/v1" .binding.roleRef.kind (get .binding.metadata "namespace") .binding.roleRef.name }}
{{- if contains "userpoolmfaconfigs/status" (toJson $role.rules) -}}
true
{{- end }}
{{- end }}
{{- end }}
