"""Values that cannot be meant are refused with their name."""

import unittest

from chart import CHART, Refused, load, template
from knobs import ENTRY, SCOPED

# By the schema: the value, and what the message names besides.
WRONG = [
    ("image.tag", 3, "string"),
    ("image.digest", "sha256:12", "pattern"),
    ("image.pullPolicy", "Sometimes", "IfNotPresent"),
    ("image.name", "x", "name"),
    ("image.repository", "registry.example.com/a:0.1.0", "pattern"),
    ("image.repository", "cognito-mfa-operator:5000", "pattern"),
    ("fullnameOverride", "a.b", "pattern"),
    ("fullnameOverride", "a" * 64, "pattern"),
    ("nameOverride", "a.b", "pattern"),
    ("namespaceOverride", "a.b", "pattern"),
    ("replicaCount", "two", "integer"),
    ("replicaCount", -1, "minimum"),
    ("crds.install", True, "install"),
    ("watchNamespaces", "team-a", "array"),
    ("watchNamespaces", ["Team_A"], "pattern"),
    ("watchNamespaces", ["a", "a"], "equal"),
    ("aws.region", "Ireland", "pattern"),
    ("aws.endpointUrl", "localhost", "pattern"),
    ("accounts.entries", [{**ENTRY, "roleArn": "cognito-mfa"}], "roleArn"),
    ("accounts.entries", [{**ENTRY, "pools": ["*"]}], "pools"),
    ("accounts.entries", [{**ENTRY, "userPools": []}], "userPools"),
    ("accounts.entries", [{"namespaces": ["a"]}], "userPools"),
    ("accounts.entries", [{**ENTRY, "namespaces": ["Team"]}], "namespaces"),
    ("accounts.entries", [{**ENTRY, "userPools": ["arn:aws:x"]}], "userPools"),
    ("accounts.entries", [{**ENTRY, "smsCallerRoles": ["a#b"]}], "smsCallerRoles"),
    ("accounts.entries", [{**ENTRY, "roleArn": "arn:aws:iam::123456789012:role/a b"}], "roleArn"),
    ("accounts.entries", [{**ENTRY, "roleArn": "arn:aws:iam::123456789012:role/a/"}], "roleArn"),
    ("accounts.entries", [{name: ENTRY[name] for name in ENTRY if name != "roleArn"}], "roleArn"),
    ("accounts.existing.kind", "File", "Secret"),
    ("driftCheckInterval", "10", "pattern"),
    ("driftCheckInterval", 600, "string"),
    ("quotaShare", 50, "maximum"),
    ("quotaShare", "half", "number"),
    ("concurrency", 0, "minimum"),
    ("tolerateSettings", "A", "array"),
    ("maxLoweringsPerHour", -1, "minimum"),
    ("observeOnly", "yes", "boolean"),
    ("allowDisableOnDelete", "yes", "boolean"),
    ("references.ack", "yes", "boolean"),
    ("references.terraform", True, "terraform"),
    ("leaderElection.enabled", False, "enabled"),
    ("leaderElection.leaseDuration", "soon", "pattern"),
    ("leaderElection.leaseDuration", "30s1m", "pattern"),
    ("log.format", "xml", "text"),
    ("listen.address", "::", "pattern"),
    ("listen.port", 0, "minimum"),
    ("serviceAccount.automount", "no", "boolean"),
    ("rbac.aggregateEdit", 1, "boolean"),
    ("rbac.clusterWide", True, "clusterWide"),
    ("service.type", "ExternalName", "ClusterIP"),
    ("podDisruptionBudget.maxUnavailable", "half", "maxUnavailable"),
    ("networkPolicy.aws.cidrs", ["aws"], "pattern"),
    ("resources", {"limit": {}}, "limit"),
    ("livenessProbe", {"period": 3}, "period"),
    ("extraArgs", "--x", "array"),
    ("extraEnv", [{"value": "x"}], "name"),
]

# Their names are those of others: of Kubernetes, or of a parent chart.
OPEN = ("global", "podSecurityContext", "securityContext", "resources.requests", "resources.limits", "nodeSelector",
        "metrics.dashboard.labels")

# By the templates: values, and what to do.
TOGETHER = [
    ({"image.repository": ""}, "--set image.repository="),
    ({"accounts.enabled": True}, "without accounts.entries or accounts.existing.name"),
    ({"accounts.entries": [ENTRY]}, "accounts.enabled is false"),
    ({"accounts.existing.name": "mine"}, "accounts.enabled is false"),
    ({"accounts.enabled": True, "accounts.existing.name": "mine", "accounts.entries": [ENTRY]}, "both set"),
    ({**SCOPED, "allowDisableOnDelete": True}, "needs rbac.clusterScoped=true"),
    ({**SCOPED, "references.crossplane": True}, "need rbac.clusterScoped=true"),
    ({**SCOPED, "references.upjetCluster": True}, "need rbac.clusterScoped=true"),
    ({"driftCheckInterval": "48h"}, 'driftCheckInterval "48h" is out of bounds: write 1m to 24h'),
    ({"driftCheckInterval": "1s"}, "write 1m to 24h"),
    ({"driftCheckInterval": "24h1s"}, "write 1m to 24h"),
    ({"leaderElection.leaseDuration": "14s999ms"}, "write whole seconds"),
    ({"leaderElection.leaseDuration": "13s"}, "renewDeadline and twice retryPeriod, together 14000ms"),
    ({"leaderElection.renewDeadline": "4s"}, "write more than twice retryPeriod"),
    ({"leaderElection.retryPeriod": "0s"}, "write more than zero"),
]


class WrongValues(unittest.TestCase):
    def test_are_refused_by_name(self):
        for name, value, word in WRONG:
            with self.subTest(name, value=value):
                message = self.refusal({name: value})
                # What is too much in a section is reported at the section.
                place = "/" + name.replace(".", "/")
                self.assertTrue(f"'{place}" in message or f"'{place.rpartition('/')[0]}'" in message, message)
                self.assertIn(word, message)

    def test_of_mistyped_names_are_refused_in_every_section(self):
        mistyped = {name: True for name in misspelt(load((CHART / "values.yaml").read_text())[0])}
        self.assertGreater(len(mistyped), 150)
        message = self.refusal(mistyped)
        for name in mistyped:
            self.assertIn(f"'{name.rpartition('.')[2]}'", message, name)

    def test_that_only_resemble_ours_are_refused(self):
        for name in ("watchNamespace", "acounts", "networkpolicy", "replicas", "replicacount", "installCRDs"):
            with self.subTest(name):
                self.assertIn(f"'{name}' not allowed", self.refusal({name: "a"}))

    def test_that_do_not_go_together_are_refused_with_what_to_write(self):
        for values, words in TOGETHER:
            with self.subTest(values):
                self.assertIn(words, self.refusal(values))

    def refusal(self, values):
        with self.assertRaises(Refused) as refused:
            template(values)
        return str(refused.exception)


def misspelt(values, path=""):
    """Each name of the values with a letter more, but in the maps that hold whatever the user writes."""
    for name, value in values.items():
        if path + name not in OPEN:
            yield f"{path}{name}x"
            if isinstance(value, dict):
                yield from misspelt(value, f"{path}{name}.")


class OtherCharts(unittest.TestCase):
    def test_may_pass_global_values(self):
        self.assertTrue(template({"global.anything": 1, "enabled": True}))
