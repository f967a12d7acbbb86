{{/*
Names go through toYaml wherever they stand alone: it quotes those that YAML reads as a number or a truth, such as 123,
1e3 and on, and leaves the others as they are.
*/}}

{{/* The chart's name, or what stands for it. */}}
{{- define "cognito-mfa-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The name of everything that is in the release's namespace. */}}
{{- define "cognito-mfa-operator.fullname" -}}
{{- $name := include "cognito-mfa-operator.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* The name of what is outside of it: releases of one name in two namespaces must not meet there. */}}
{{- define "cognito-mfa-operator.globalName" -}}
{{- printf "%s:%s" (include "cognito-mfa-operator.namespace" .) (include "cognito-mfa-operator.fullname" .) }}
{{- end }}

{{- define "cognito-mfa-operator.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{- define "cognito-mfa-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "cognito-mfa-operator.name" . | toYaml }}
app.kubernetes.io/instance: {{ .Release.Name | toYaml }}
{{- end }}

{{/*
What the ServiceMonitor selects the Service by. Not the label app.kubernetes.io/instance: where Argo CD tracks objects by
that label, it writes the name of its Application there.
*/}}
{{- define "cognito-mfa-operator.serviceLabel" -}}
cognito.mfaoperator.dev/metrics-of: {{ include "cognito-mfa-operator.fullname" . | toYaml }}
{{- end }}

{{/* The name of the Service, whose first letter must not be a digit before Kubernetes 1.36. */}}
{{- define "cognito-mfa-operator.serviceName" -}}
{{- $name := include "cognito-mfa-operator.fullname" . }}
{{- regexMatch "^[0-9]" $name | ternary (printf "metrics-%s" $name | trunc 63 | trimSuffix "-") $name }}
{{- end }}

{{/* Labels of every object. Ours win over common ones: a selector must not miss its Pods. */}}
{{- define "cognito-mfa-operator.labels" -}}
{{- $ours := include "cognito-mfa-operator.selectorLabels" . | fromYaml }}
{{- $_ := set $ours "app.kubernetes.io/version" .Chart.AppVersion }}
{{- $_ := set $ours "app.kubernetes.io/managed-by" .Release.Service }}
{{- $_ := set $ours "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-") }}
{{- merge $ours (.Values.commonLabels | default dict) | toYaml }}
{{- end }}

{{/*
An object's metadata, from a dict: root; and, each where wanted, name, namespace ("" for none), labels, annotations.
*/}}
{{- define "cognito-mfa-operator.metadata" -}}
{{- $root := .root -}}
name: {{ .name | default (include "cognito-mfa-operator.fullname" $root) | toYaml }}
{{- $namespace := hasKey . "namespace" | ternary .namespace (include "cognito-mfa-operator.namespace" $root) }}
{{- with $namespace }}
namespace: {{ . | toYaml }}
{{- end }}
labels:
  {{- merge (include "cognito-mfa-operator.labels" $root | fromYaml) (.labels | default dict) | toYaml | nindent 2 }}
{{- with merge dict (.annotations | default dict) ($root.Values.commonAnnotations | default dict) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "cognito-mfa-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "cognito-mfa-operator.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* The labels of the Pod of `helm test`. Not those of the operator's Pods: its Service is not for this one. */}}
{{- define "cognito-mfa-operator.testLabels" -}}
app.kubernetes.io/name: {{ printf "%s-test" (include "cognito-mfa-operator.name" . | trunc 58 | trimSuffix "-") | toYaml }}
app.kubernetes.io/instance: {{ .Release.Name | toYaml }}
{{- end }}

{{/* The operator's ServiceAccount, as a binding names it. */}}
{{- define "cognito-mfa-operator.subject" -}}
- kind: ServiceAccount
  name: {{ include "cognito-mfa-operator.serviceAccountName" . | toYaml }}
  namespace: {{ include "cognito-mfa-operator.namespace" . | toYaml }}
{{- end }}

{{- define "cognito-mfa-operator.image" -}}
{{- with .Values.image }}
{{- if not .repository }}
{{- fail "image.repository is empty: no image is published yet, so build and push your own, and write --set image.repository=registry.example.com/cognito-mfa-operator" }}
{{- end }}
{{- if .digest }}
{{- printf "%s@%s" .repository .digest }}
{{- else }}
{{- printf "%s:%s" .repository (default $.Chart.AppVersion .tag) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The chart's own secrets and those that a parent chart gives to all its charts. */}}
{{- define "cognito-mfa-operator.imagePullSecrets" -}}
{{- with concat (.Values.imagePullSecrets | default list) (.Values.global.imagePullSecrets | default list) | uniq }}
{{- toYaml . }}
{{- end }}
{{- end }}

{{- define "cognito-mfa-operator.leaseName" -}}
{{- default (include "cognito-mfa-operator.fullname" .) .Values.leaderElection.name }}
{{- end }}

{{/* The ConfigMap or Secret that has the accounts file. */}}
{{- define "cognito-mfa-operator.accountsName" -}}
{{- default (printf "%s-accounts" (include "cognito-mfa-operator.fullname" . | trunc 54 | trimSuffix "-")) .Values.accounts.existing.name }}
{{- end }}
