{{/* What the operator does in each namespace that it serves. */}}
{{- define "cognito-mfa-operator.rules" -}}
# To see the objects, and to look once more right before Cognito is set.
- apiGroups: ["cognito.mfaoperator.dev"]
  resources: ["userpoolmfaconfigs"]
  verbs: ["get", "list", "watch"]
# To put the finalizer on objects with deletionPolicy: Disable and to take it off; nothing else is patched.
- apiGroups: ["cognito.mfaoperator.dev"]
  resources: ["userpoolmfaconfigs"]
  verbs: ["patch"]
# To report what Cognito has, what drifted and what failed.
- apiGroups: ["cognito.mfaoperator.dev"]
  resources: ["userpoolmfaconfigs/status"]
  verbs: ["update"]
{{ include "cognito-mfa-operator.eventRules" . }}
{{- with .Values.references }}
{{- if .ack }}
# To read the id of a pool that ACK manages.
- apiGroups: ["cognitoidentityprovider.services.k8s.aws"]
  resources: ["userpools"]
  verbs: ["get"]
{{- end }}
{{- if .upjet }}
# To read the id of a pool that Crossplane manages.
- apiGroups: ["cognitoidp.aws.m.upbound.io"]
  resources: ["userpools"]
  verbs: ["get"]
{{- end }}
{{- if .configMaps }}
# To read the id of a pool from a ConfigMap.
- apiGroups: [""]
  resources: ["configmaps"]
  verbs: ["get"]
{{- end }}
{{- if .secrets }}
# To read the id of a pool from a Secret. The operator uses only those with the label cognito.mfaoperator.dev/pool-id.
- apiGroups: [""]
  resources: ["secrets"]
  verbs: ["get"]
{{- end }}
{{- end }}
{{- end }}

{{/* What references to cluster-scoped kinds ask for. */}}
{{- define "cognito-mfa-operator.clusterReferenceRules" -}}
{{- with .Values.references }}
{{- if .upjetCluster }}
# To read the id of a pool that Crossplane manages.
- apiGroups: ["cognitoidp.aws.upbound.io"]
  resources: ["userpools"]
  verbs: ["get"]
{{- end }}
{{- if .crossplane }}
# To read the id of a pool that Crossplane's classic provider manages.
- apiGroups: ["cognitoidentityprovider.aws.crossplane.io"]
  resources: ["userpools"]
  verbs: ["get"]
{{- end }}
{{- end }}
{{- end }}

{{- define "cognito-mfa-operator.eventRules" -}}
# To publish events; a repeated event is a patch of the first.
- apiGroups: ["events.k8s.io"]
  resources: ["events"]
  verbs: ["create", "patch"]
{{- end }}

{{/* What only deletions with allowDisableOnDelete ask for. */}}
{{- define "cognito-mfa-operator.namespaceRules" -}}
# To see whether the whole namespace is being deleted: MFA is not turned off then.
- apiGroups: [""]
  resources: ["namespaces"]
  verbs: ["get"]
{{- end }}

{{- define "cognito-mfa-operator.crdRules" -}}
# To see whether the kind is being deleted: MFA is not turned off then.
- apiGroups: ["apiextensions.k8s.io"]
  resources: ["customresourcedefinitions"]
  resourceNames: ["userpoolmfaconfigs.cognito.mfaoperator.dev"]
  verbs: ["get"]
{{- end }}

{{/* A binding's roleRef and subjects, from a dict: root, kind, name. */}}
{{- define "cognito-mfa-operator.binding" -}}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ .kind }}
  name: {{ .name | toYaml }}
subjects:
  {{- include "cognito-mfa-operator.subject" .root | nindent 2 }}
{{- end }}
