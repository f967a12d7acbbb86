"""Each value of the chart, and what it must change: a value, a kind, a path in that object, what must be there.

A path may begin with a shorthand. Where a list is found it must have the thing in it; None means that there is no such
object or no such field. Some values show only together with others, which come last.
"""

from chart import VERSION

POD = "spec.template.spec"
OPERATOR = f"{POD}.containers.0"
ARGS = f"{OPERATOR}.args"
ACCOUNTS = {"accounts.enabled": True, "accounts.existing.name": "mine"}
ENTRY = {"namespaces": ["team-a"], "userPools": ["*"], "externalId": "Zk3mPq",
         "roleArn": "arn:aws:iam::123456789012:role/cognito-mfa"}
POLICY = {"networkPolicy.enabled": True}
SCOPED = {"watchNamespaces": ["team-a", "team-b"]}
DIGEST = "sha256:" + "0123456789abcdef" * 4
PEER = {"namespaceSelector": {"matchLabels": {"name": "there"}}}
SIDECAR = {"name": "sidecar", "image": "registry.example.com/sidecar:1"}
AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-"


def env(name, value):
    return {"name": name, "value": value}


def block(*cidrs):
    return [{"ipBlock": {"cidr": cidr}} for cidr in cidrs]


KNOBS = [
    ("global.imagePullSecrets", [{"name": "all"}], "Deployment", f"{POD}.imagePullSecrets", {"name": "all"},
     {"imagePullSecrets": [{"name": "pull"}]}),
    ("image.repository", "localhost:5000/a/b", "Deployment", f"{OPERATOR}.image", f"localhost:5000/a/b:{VERSION}"),
    ("image.tag", "v9", "Deployment", f"{OPERATOR}.image", "registry.example.com/cognito-mfa-operator:v9"),
    ("image.tag", "v9", "Pod", "spec.containers.0.image", "registry.example.com/cognito-mfa-operator:v9"),
    ("image.digest", DIGEST, "Deployment", f"{OPERATOR}.image",
     f"registry.example.com/cognito-mfa-operator@{DIGEST}", {"image.tag": "v9"}),
    ("image.pullPolicy", "Always", "Deployment", f"{OPERATOR}.imagePullPolicy", "Always"),
    ("imagePullSecrets", [{"name": "pull"}], "Deployment", f"{POD}.imagePullSecrets", {"name": "pull"}),
    ("replicaCount", 3, "Deployment", "spec.replicas", 3),
    ("nameOverride", "other", "Deployment", "metadata.name", "release-other"),
    ("fullnameOverride", "other", "Deployment", "metadata.name", "other"),
    ("namespaceOverride", "other", "Deployment", "metadata.namespace", "other"),
    ("namespaceOverride", "other", "ClusterRoleBinding", "subjects.0.namespace", "other"),
    ("commonLabels", {"team": "x"}, "Service", "metadata.labels.team", "x"),
    ("commonLabels", {"team": "x"}, "Deployment", "spec.template.metadata.labels.team", "x"),
    ("commonLabels", {"team": "x"}, "Pod", "metadata.labels.team", "x"),
    ("commonAnnotations", {"team": "x"}, "Pod", "metadata.annotations.team", "x"),
    ("commonAnnotations", {"team": "x"}, "CustomResourceDefinition", "metadata.annotations.team", "x"),
    ("crds.enabled", False, "CustomResourceDefinition", "metadata", None),
    ("crds.keep", False, "CustomResourceDefinition", "metadata.annotations", None),
    ("crds.annotations", {"a": "b"}, "CustomResourceDefinition", "metadata.annotations.a", "b"),
    ("watchNamespaces", ["team-a", "team-b"], "Deployment", ARGS, "--watch-namespaces=team-a,team-b"),
    ("aws.region", "eu-west-1", "Deployment", f"{OPERATOR}.env", env("AWS_REGION", "eu-west-1")),
    ("aws.endpointUrl", "http://aws:1", "Deployment", f"{OPERATOR}.env", env("AWS_ENDPOINT_URL", "http://aws:1")),
    ("accounts.enabled", True, "Deployment", ARGS, "--accounts-file=/etc/cognito-mfa-operator/accounts.yaml",
     {"accounts.entries": [ENTRY]}),
    ("accounts.entries", [ENTRY], "Deployment", f"{POD}.volumes",
     {"name": "accounts", "configMap": {"name": "release-cognito-mfa-operator-accounts"}}, {"accounts.enabled": True}),
    ("accounts.existing.name", "mine", "Deployment", f"{POD}.volumes",
     {"name": "accounts", "configMap": {"name": "mine"}}, ACCOUNTS),
    ("accounts.existing.kind", "Secret", "Deployment", f"{POD}.volumes",
     {"name": "accounts", "secret": {"secretName": "mine"}}, ACCOUNTS),
    ("accounts.existing.key", "k", "Deployment", ARGS, "--accounts-file=/etc/cognito-mfa-operator/k", ACCOUNTS),
    ("driftCheckInterval", "1h30m", "Deployment", ARGS, "--drift-check-interval=1h30m"),
    ("driftCheckInterval", "24h", "Deployment", ARGS, "--drift-check-interval=24h"),
    ("quotaShare", 0.05, "Deployment", ARGS, "--quota-share=0.05"),
    ("quotaShare", 1, "Deployment", ARGS, "--quota-share=1"),
    ("concurrency", 1024, "Deployment", ARGS, "--concurrency=1024"),
    ("tolerateSettings", ["A.B", "C"], "Deployment", ARGS, "--tolerate-settings=A.B,C"),
    ("maxLoweringsPerHour", 4000000000, "Deployment", ARGS, "--max-lowerings-per-hour=4000000000"),
    ("maxLoweringsPerHour", 0, "Deployment", ARGS, "--max-lowerings-per-hour=0"),
    ("observeOnly", True, "Deployment", ARGS, "--observe-only"),
    ("allowDisableOnDelete", True, "Deployment", ARGS, "--allow-disable-on-delete"),
    *((f"references.{value}", True, "Deployment", ARGS, f"--pool-references={kind}") for value, kind in [
        ("ack", "ack"), ("upjet", "upjet"), ("upjetCluster", "upjet-cluster"), ("crossplane", "crossplane"),
        ("configMaps", "configmaps"), ("secrets", "secrets")]),
    ("leaderElection.name", "lease", "Deployment", ARGS, "--leader-election-name=lease"),
    ("leaderElection.name", "lease", "Role", "rules.1.resourceNames", "lease"),
    ("leaderElection.leaseDuration", "60s", "Deployment", ARGS, "--lease-duration=60s"),
    ("leaderElection.leaseDuration", "14s", "Deployment", ARGS, "--lease-duration=14s"),
    ("leaderElection.leaseDuration", "1m30s", "Deployment", ARGS, "--lease-duration=1m30s"),
    ("leaderElection.renewDeadline", "11s", "Deployment", ARGS, "--lease-renew-deadline=11s"),
    ("leaderElection.retryPeriod", "500ms", "Deployment", ARGS, "--lease-retry-period=500ms"),
    ("log.format", "text", "Deployment", ARGS, "--log-format=text"),
    ("log.level", "debug", "Deployment", f"{OPERATOR}.env", env("RUST_LOG", "debug")),
    ("listen.address", "[::1]", "Deployment", ARGS, "--listen=[::1]:8080"),
    ("listen.address", "127.0.0.1", "Deployment", ARGS, "--listen=127.0.0.1:8080"),
    ("listen.port", 9090, "Deployment", ARGS, "--listen=:9090"),
    ("listen.port", 9090, "Deployment", f"{OPERATOR}.ports.0.containerPort", 9090),
    ("serviceAccount.create", False, "ServiceAccount", "metadata", None),
    ("serviceAccount.create", False, "Deployment", f"{POD}.serviceAccountName", "default"),
    ("serviceAccount.name", "sa", "ServiceAccount", "metadata.name", "sa"),
    ("serviceAccount.name", "sa", "Deployment", f"{POD}.serviceAccountName", "sa", {"serviceAccount.create": False}),
    ("serviceAccount.name", "sa", "RoleBinding", "subjects.0.name", "sa"),
    ("serviceAccount.annotations", {"a": "b"}, "ServiceAccount", "metadata.annotations.a", "b"),
    ("serviceAccount.labels", {"a": "b"}, "ServiceAccount", "metadata.labels.a", "b"),
    ("serviceAccount.automount", True, "ServiceAccount", "automountServiceAccountToken", True),
    ("automountServiceAccountToken", False, "Deployment", f"{POD}.automountServiceAccountToken", False),
    ("rbac.create", False, "RoleBinding", "metadata", None),
    ("rbac.clusterScoped", True, "ClusterRoleBinding", "metadata.name", "home:release-cognito-mfa-operator",
     {**SCOPED, "allowDisableOnDelete": True}),
    ("rbac.aggregateView", False, "ClusterRole/view", "metadata", None),
    ("rbac.aggregateEdit", True, "ClusterRole/edit", f"metadata.labels.{AGGREGATE}edit", "true"),
    ("service.enabled", False, "Pod", "spec.containers.0.args", ["--version"]),
    ("service.enabled", False, "Service", "metadata", None),
    ("service.type", "NodePort", "Service", "spec.type", "NodePort"),
    ("service.port", 80, "Pod", "spec.containers.0.args", "release-cognito-mfa-operator.home.svc:80"),
    ("service.port", 80, "Service", "spec.ports.0.port", 80),
    ("service.ipFamilyPolicy", "PreferDualStack", "Service", "spec.ipFamilyPolicy", "PreferDualStack"),
    ("service.ipFamilies", ["IPv6", "IPv4"], "Service", "spec.ipFamilies.0", "IPv6"),
    ("service.annotations", {"a": "b"}, "Service", "metadata.annotations.a", "b"),
    ("service.labels", {"a": "b"}, "Service", "metadata.labels.a", "b"),
    ("podDisruptionBudget.enabled", False, "PodDisruptionBudget", "metadata", None, {"replicaCount": 2}),
    ("podDisruptionBudget.maxUnavailable", "50%", "PodDisruptionBudget", "spec.maxUnavailable", "50%", {"replicaCount": 2}),
    ("podDisruptionBudget.minAvailable", 1, "PodDisruptionBudget", "spec.minAvailable", 1, {"replicaCount": 2}),
    ("networkPolicy.enabled", True, "NetworkPolicy", "spec.policyTypes", "Egress"),
    ("networkPolicy.dns.to", [PEER], "NetworkPolicy", "spec.egress.0.to", PEER, POLICY),
    ("networkPolicy.dns.port", 5353, "NetworkPolicy", "spec.egress.0.ports", {"protocol": "UDP", "port": 5353}, POLICY),
    ("networkPolicy.apiServer.cidrs", ["10.0.0.1/32"], "NetworkPolicy", "spec.egress.1.to", block("10.0.0.1/32")[0],
     POLICY),
    ("networkPolicy.apiServer.ports", [8443], "NetworkPolicy", "spec.egress.1.ports", {"port": 8443}, POLICY),
    ("networkPolicy.aws.cidrs", ["10.0.0.0/8"], "NetworkPolicy", "spec.egress.2.to", block("10.0.0.0/8")[0], POLICY),
    ("networkPolicy.podIdentity", False, "NetworkPolicy", "spec.egress.3", None, POLICY),
    ("networkPolicy.imds", True, "NetworkPolicy", "spec.egress.4.to", block("169.254.169.254/32")[0], POLICY),
    ("networkPolicy.metricsFrom", [PEER], "NetworkPolicy", "spec.ingress.0.from", PEER, POLICY),
    ("networkPolicy.extraEgress", [{"to": [PEER]}], "NetworkPolicy", "spec.egress", {"to": [PEER]}, POLICY),
    ("networkPolicy.extraIngress", [{"from": [PEER]}], "NetworkPolicy", "spec.ingress", {"from": [PEER]}, POLICY),
    ("deploymentAnnotations", {"a": "b"}, "Deployment", "metadata.annotations.a", "b"),
    ("podLabels", {"a": "b"}, "Deployment", "spec.template.metadata.labels.a", "b"),
    ("podAnnotations", {"a": "b"}, "Deployment", "spec.template.metadata.annotations.a", "b"),
    ("podSecurityContext", {"runAsUser": 7}, "Deployment", f"{POD}.securityContext.runAsUser", 7),
    ("securityContext", {"privileged": False}, "Deployment", f"{OPERATOR}.securityContext.privileged", False),
    ("resources", {"limits": {"memory": "1Gi"}}, "Deployment", f"{OPERATOR}.resources.limits.memory", "1Gi"),
    ("livenessProbe", {"failureThreshold": 9}, "Deployment", f"{OPERATOR}.livenessProbe.failureThreshold", 9),
    ("readinessProbe", {"periodSeconds": 9}, "Deployment", f"{OPERATOR}.readinessProbe.periodSeconds", 9),
    ("nodeSelector", {"a": "b"}, "Deployment", f"{POD}.nodeSelector.a", "b"),
    ("tolerations", [{"key": "k"}], "Deployment", f"{POD}.tolerations", {"key": "k"}),
    ("affinity", {"podAffinity": {"x": []}}, "Deployment", f"{POD}.affinity.podAffinity.x", []),
    ("topologySpreadConstraints", [{"maxSkew": 1}], "Deployment",
     f"{POD}.topologySpreadConstraints.0.labelSelector.matchLabels", {
         "app.kubernetes.io/name": "cognito-mfa-operator", "app.kubernetes.io/instance": "release"}),
    ("priorityClassName", "high", "Deployment", f"{POD}.priorityClassName", "high"),
    ("schedulerName", "mine", "Deployment", f"{POD}.schedulerName", "mine"),
    ("runtimeClassName", "gvisor", "Deployment", f"{POD}.runtimeClassName", "gvisor"),
    ("hostAliases", [{"ip": "10.0.0.1"}], "Deployment", f"{POD}.hostAliases", {"ip": "10.0.0.1"}),
    ("dnsPolicy", "None", "Deployment", f"{POD}.dnsPolicy", "None"),
    ("dnsConfig", {"searches": ["a"]}, "Deployment", f"{POD}.dnsConfig.searches", "a"),
    ("terminationGracePeriodSeconds", 30, "Deployment", f"{POD}.terminationGracePeriodSeconds", 30),
    ("revisionHistoryLimit", 2, "Deployment", "spec.revisionHistoryLimit", 2),
    ("strategy", {"type": "Recreate"}, "Deployment", "spec.strategy.type", "Recreate"),
    ("extraEnv", [env("HTTPS_PROXY", "x")], "Deployment", f"{OPERATOR}.env", env("HTTPS_PROXY", "x")),
    ("extraEnvFrom", [{"secretRef": {"name": "s"}}], "Deployment", f"{OPERATOR}.envFrom", {"secretRef": {"name": "s"}}),
    ("extraArgs", ["--new-flag=a: b"], "Deployment", ARGS, "--new-flag=a: b"),
    ("initContainers", [SIDECAR], "Deployment", f"{POD}.initContainers", SIDECAR),
    ("extraContainers", [SIDECAR], "Deployment", f"{POD}.containers.1", SIDECAR),
    ("extraVolumes", [{"name": "v"}], "Deployment", f"{POD}.volumes", {"name": "v"}),
    ("extraVolumeMounts", [{"name": "v"}], "Deployment", f"{OPERATOR}.volumeMounts", {"name": "v"}),
    ("extraObjects", [{"kind": "Secret", "metadata": {"name": "{{ .Release.Name }}"}}], "Secret", "metadata.name",
     "release"),
    ("extraObjects", ["kind: Secret\nmetadata: {name: '{{ .Release.Name }}'}"], "Secret", "metadata.name", "release"),
]
