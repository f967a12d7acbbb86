{{/* The arguments: each flag that the chart knows, so that what runs can be read off the Deployment. */}}
{{- define "cognito-mfa-operator.args" -}}
{{- with .Values -}}
- run
- {{ printf "--listen=%s:%d" (.listen.address | default "") (int .listen.port) | quote }}
{{- with .watchNamespaces }}
- {{ printf "--watch-namespaces=%s" (join "," .) | quote }}
{{- end }}
{{- if .accounts.enabled }}
- --accounts-file=/etc/cognito-mfa-operator/{{ empty .accounts.entries | ternary .accounts.existing.key "accounts.yaml" }}
{{- end }}
- --drift-check-interval={{ .driftCheckInterval }}
- --quota-share={{ .quotaShare }}
- --concurrency={{ int .concurrency }}
{{- with .tolerateSettings }}
- {{ printf "--tolerate-settings=%s" (join "," .) | quote }}
{{- end }}
- --max-lowerings-per-hour={{ int64 .maxLoweringsPerHour }}
{{- $kinds := list }}
{{- range $name, $kind := dict "ack" "ack" "upjet" "upjet" "upjetCluster" "upjet-cluster" "crossplane" "crossplane" "configMaps" "configmaps" "secrets" "secrets" }}
{{- if get $.Values.references $name }}
{{- $kinds = append $kinds $kind }}
{{- end }}
{{- end }}
{{- with $kinds }}
- {{ printf "--pool-references=%s" (join "," .) | quote }}
{{- end }}
{{- if .observeOnly }}
- --observe-only
{{- end }}
{{- if .allowDisableOnDelete }}
- --allow-disable-on-delete
{{- end }}
- --leader-elect
- --leader-election-name={{ include "cognito-mfa-operator.leaseName" $ }}
- --lease-duration={{ .leaderElection.leaseDuration }}
- --lease-renew-deadline={{ .leaderElection.renewDeadline }}
- --lease-retry-period={{ .leaderElection.retryPeriod }}
- --log-format={{ .log.format }}
{{- range .extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- define "cognito-mfa-operator.env" -}}
- name: RUST_LOG
  value: {{ .Values.log.level | quote }}
{{- with .Values.aws.region }}
- name: AWS_REGION
  value: {{ . }}
{{- end }}
{{- with .Values.aws.endpointUrl }}
- name: AWS_ENDPOINT_URL
  value: {{ . | quote }}
{{- end }}
# Which Pod this is: who holds the Lease, and whose events report on the accounts file. The server would add
# apiVersion itself, but server-side apply compares a fieldRef as a whole: Helm would conflict with kubectl.
{{- range $name, $path := dict "POD_NAME" "metadata.name" "POD_NAMESPACE" "metadata.namespace" "POD_UID" "metadata.uid" }}
- name: {{ $name }}
  valueFrom:
    fieldRef:
      apiVersion: v1
      fieldPath: {{ $path }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The accounts file is mounted as a folder: the kubelet brings changes to a folder, and none to a subPath. */}}
{{- define "cognito-mfa-operator.volumes" -}}
{{- with .Values.accounts }}
{{- if .enabled }}
- name: accounts
  {{- if and .existing.name (eq .existing.kind "Secret") }}
  secret:
    secretName: {{ .existing.name | toYaml }}
  {{- else }}
  configMap:
    name: {{ include "cognito-mfa-operator.accountsName" $ | toYaml }}
  {{- end }}
{{- end }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "cognito-mfa-operator.volumeMounts" -}}
{{- if .Values.accounts.enabled }}
- name: accounts
  mountPath: /etc/cognito-mfa-operator
  readOnly: true
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Constraints that name no Pods mean those of this release. */}}
{{- define "cognito-mfa-operator.topologySpreadConstraints" -}}
{{- $selector := dict "matchLabels" (include "cognito-mfa-operator.selectorLabels" . | fromYaml) }}
{{- range .Values.topologySpreadConstraints }}
- {{ merge (deepCopy .) (dict "labelSelector" $selector) | toYaml | indent 2 | trim }}
{{- end }}
{{- end }}
