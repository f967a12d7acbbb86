// A fleet as `kubectl get upmfa -A -o json` prints it, with every kind of object that a report tells apart.

export const NOW = "2026-03-01T12:00:00Z";
const READ = "2026-03-01T06:30:00Z";
const OLD = "2026-02-20T06:30:00Z";
const TEAMS = ["billing", "identity", "partners", "shop", "support"];

/** Text that would run, restyle, reorder or break out, if it were taken for more than text. */
export const HOSTILE = [
  `<script>window.taken = 1</script>`,
  `"><img src=x onerror="window.taken = 1">`,
  `' onmouseover='window.taken = 1`,
  `</td></tr></table><style>*{display:none}</style>`,
  `</script><script>window.taken = 1</script>`,
  `<a href="javascript:window.taken = 1">here</a> &lt;b&gt; &amp;`,
  `safe \u202e desrever \u2066 isolated \u0007 bell \u001b[2J`,
  `=HYPERLINK("http://example.com","click")`,
];

const totp = { softwareTokenMfaConfiguration: { enabled: true } };
const sms = { smsMfaConfiguration: { smsConfiguration: { snsCallerArn: "arn:aws:iam::123456789012:role/sms", externalId: "x" } } };
const email = { emailMfaConfiguration: {} };
const passkey = { webAuthnConfiguration: { relyingPartyId: "auth.example.com", userVerification: "required",
  factorConfiguration: "MULTI_FACTOR_WITH_USER_VERIFICATION" } };
const anyPasskey = { webAuthnConfiguration: { relyingPartyId: "auth.example.com", userVerification: "preferred" } };

const MESSAGES = {
  InSync: "Cognito equals the spec.",
  DriftDetected: "Cognito differs in mfaConfiguration. managementPolicy is Observe: nothing is set. Change the spec or the pool, or set managementPolicy: Enforce.",
  AdoptionHeld: "The spec would take away what the pool has: SMS as a factor. Nothing was set. Declare it in the spec, or set adoptionPolicy: Overwrite to take it away.",
  Contested: "Cognito equals the spec. Somebody else keeps changing emailMfaConfiguration.subject, and each change is corrected at the next check. Find who changes the pool (CloudTrail has SetUserPoolMfaConfig), or declare what they set.",
  StrongerThanDeclared: "Cognito is stronger than the spec in mfaConfiguration (ON where OPTIONAL is declared). That stays as it is. Declare it, or set driftPolicy: Exact to set it back.",
  Suspended: "suspend is true: no AWS call is made and drift goes unseen. Set it to false to go on.",
  AccessDenied: "GetUserPoolMfaConfig failed: AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/cognito-mfa/x is not authorized to perform: cognito-idp:GetUserPoolMfaConfig",
};

/** [mode, settings, reason, changes of the whole object] */
const KINDS = [
  ["ON", { ...totp }, "InSync"],
  ["ON", { ...totp, ...passkey }, "InSync"],
  ["ON", { ...totp, ...sms }, "InSync"],
  ["OPTIONAL", { ...totp, ...email }, "InSync"],
  ["ON", { ...email, ...anyPasskey }, "InSync"],
  ["OFF", {}, "InSync"],
  ["ON", { ...totp, ...sms }, "AdoptionHeld", (one) => drift(one, "smsMfaConfiguration", undefined, "{}")],
  ["OFF", { ...totp }, "DriftDetected", (one) => { one.spec.managementPolicy = "Observe"; drift(one, "mfaConfiguration", "ON", "OFF"); }],
  ["ON", { ...email }, "Contested", (one) => { corrected(one); }],
  ["ON", { ...totp }, "Suspended", (one) => { one.spec.suspend = true; }],
  ["ON", { ...totp }, "AccessDenied"],
  ["ON", { ...totp }, "InSync", (one) => { one.metadata.generation = 2; }],
  ["ON", { ...totp }, "InSync", (one) => { one.status.lastVerifiedTime = OLD; }],
  ["ON", { ...totp }, "InSync", (one) => { one.status = { observedGeneration: -1 }; }],
  ["ON", { ...totp, ...passkey }, "InSync", (one) => { corrected(one); }],
  ["ON", { ...totp }, "InSync", (one) => { one.spec.fallback = "VOICE"; }],
  ["ON", { ...totp }, "StrongerThanDeclared", (one) => { one.spec.mfaConfiguration = "OPTIONAL"; drift(one, "mfaConfiguration", "OPTIONAL", "ON"); }],
];

function drift(one, field, declared, found) {
  one.status.drift = [{ field, declared, found }];
}

function corrected(one) {
  one.status.corrections = ["2026-02-11T08:15:30Z", "2026-02-27T22:01:05Z"].map((time, at) => (
    { time, fields: ["mfaConfiguration", "softwareTokenMfaConfiguration.enabled"], lowered: at === 0 }));
  one.status.lastLoweringTime = "2026-02-11T08:15:30Z";
}

function object(at) {
  const [mode, settings, reason, change] = KINDS[at % KINDS.length];
  const status = ["InSync", "Contested", "StrongerThanDeclared"].includes(reason) ? "True" : ["Suspended", "AccessDenied"].includes(reason) ? "Unknown" : "False";
  const condition = (type) => ({ type, status, reason, message: MESSAGES[reason], observedGeneration: 1, lastTransitionTime: READ });
  const one = {
    apiVersion: "cognito.mfaoperator.dev/v1alpha1", kind: "UserPoolMfaConfig",
    metadata: { name: `customers-${String(at).padStart(4, "0")}`, namespace: `${TEAMS[at % TEAMS.length]}-prod`, generation: 1, uid: `uid-${at}` },
    spec: { userPoolId: `eu-west-1_Pool${String(at).padStart(5, "0")}`, mfaConfiguration: mode, ...settings },
    status: { observedGeneration: 1, conditions: [condition("Ready"), condition("Synced")],
      observed: { mfaConfiguration: mode, ...settings }, lastVerifiedTime: READ },
  };
  change?.(one);
  if (at % 5 === 3) {
    one.metadata.annotations = { "cognito.mfaoperator.dev/exception-reason": "SEC-4711, until 2026-12-31" };
  }
  return one;
}

function hostile(text, at) {
  const one = object(6);
  one.metadata = { ...one.metadata, name: `hostile-${at} ${text}`, namespace: text, uid: `hostile-${at}`,
    annotations: { "cognito.mfaoperator.dev/exception-reason": text } };
  one.spec.userPoolId = text;
  one.status.conditions[0] = { ...one.status.conditions[0], reason: text, message: text };
  one.status.drift = [{ field: text, declared: text, found: text }];
  one.status.corrections = [{ time: READ, fields: [text], lowered: false }];
  return one;
}

export function fleet(count, texts = []) {
  const items = Array.from({ length: count }, (_, at) => object(at)).concat(texts.map(hostile));
  return { apiVersion: "v1", kind: "List", items };
}
