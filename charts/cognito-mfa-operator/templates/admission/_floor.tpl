{{/* What a refusal ends with: who can help. */}}
{{- define "cognito-mfa-operator.floorHelp" -}}
. That is the floor of this namespace; where it cannot be kept, ask {{ .Values.admission.floor.contact }}.
{{- end }}

{{/* A rule of the floor in CEL, from a dict: expression, and message: what to write instead. Nothing is wrong: "". */}}
{{- define "cognito-mfa-operator.floorRule" -}}
({{ .expression }}) ? "" : {{ printf "%q" .message }},
{{- end }}

{{/* The factors that are allowed, joined by commas. */}}
{{- define "cognito-mfa-operator.floorFactors" -}}
{{- $factors := .allowedFactors | default (list "SMS" "TOTP" "EMAIL" "PASSKEY") }}
{{- .noSms | ternary (without $factors "SMS") $factors | join "," }}
{{- end }}

{{/* The rules about the mode and the factors. Under OFF only passkeys count. */}}
{{- define "cognito-mfa-operator.floorSettings" -}}
{{- $floor := .Values.admission.floor }}
{{- $lowest := $floor.lowestMode | default "" }}
{{- if eq $lowest "ON" }}
{{ include "cognito-mfa-operator.floorRule" (dict
  "expression" "object.spec.mfaConfiguration == 'ON'"
  "message" "the lowest mode is ON: write mfaConfiguration: \"ON\"") }}
{{- else if eq $lowest "OPTIONAL" }}
{{ include "cognito-mfa-operator.floorRule" (dict
  "expression" "object.spec.mfaConfiguration != 'OFF'"
  "message" "the lowest mode is OPTIONAL: write mfaConfiguration: \"OPTIONAL\" or \"ON\"") }}
{{- end }}
{{- $declared := dict
  "SMS" (list "smsMfaConfiguration" "object.spec.mfaConfiguration == 'OFF' || !has(object.spec.smsMfaConfiguration)")
  "TOTP" (list "softwareTokenMfaConfiguration" "object.spec.mfaConfiguration == 'OFF' || !has(object.spec.softwareTokenMfaConfiguration) || !object.spec.softwareTokenMfaConfiguration.enabled")
  "EMAIL" (list "emailMfaConfiguration" "object.spec.mfaConfiguration == 'OFF' || !has(object.spec.emailMfaConfiguration)")
  "PASSKEY" (list "webAuthnConfiguration" "!has(object.spec.webAuthnConfiguration)") }}
{{- $allowed := splitList "," (include "cognito-mfa-operator.floorFactors" $floor) }}
{{- range $factor := list "SMS" "TOTP" "EMAIL" "PASSKEY" }}
{{- if not (has $factor $allowed) }}
{{- $section := get $declared $factor }}
{{ include "cognito-mfa-operator.floorRule" (dict
  "expression" (last $section)
  "message" (printf "%s is not allowed: remove %s (allowed: %s)" $factor (first $section) ($allowed | join ", "))) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The rules about what the operator does. */}}
{{- define "cognito-mfa-operator.floorPolicies" -}}
{{- $floor := .Values.admission.floor }}
{{- range $rule := list
  (list $floor.noObserve "object.spec.managementPolicy != 'Observe'" "an object that only observes enforces nothing: write managementPolicy: Enforce, or leave it out")
  (list $floor.noSuspend "!object.spec.suspend" "a suspended object enforces nothing: write suspend: false, or leave it out")
  (list $floor.noOverwrite "object.spec.adoptionPolicy != 'Overwrite'" "adopting a pool must not take its protection away: write adoptionPolicy: Hold, or leave it out")
  (list $floor.noDisableOnDelete "object.spec.deletionPolicy != 'Disable'" "deleting an object must not turn MFA off: write deletionPolicy: Retain, or leave it out") }}
{{- if index $rule 0 }}
{{ include "cognito-mfa-operator.floorRule" (dict "expression" (index $rule 1) "message" (index $rule 2)) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The bindings' names and namespace selectors, as YAML: one for the names, one for the labels. */}}
{{- define "cognito-mfa-operator.floorBindings" -}}
{{- $floor := .Values.admission.floor }}
{{- if has "*" ($floor.namespaces | default list) }}
all: {}
{{- else }}
{{- with $floor.namespaces }}
named:
  matchExpressions:
    - key: kubernetes.io/metadata.name
      operator: In
      values: {{ toJson . }}
{{- end }}
{{- with $floor.namespaceSelector }}
labelled: {{ toJson . }}
{{- end }}
{{- end }}
{{- end }}
