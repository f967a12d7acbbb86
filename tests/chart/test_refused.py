"""Values that cannot be meant are refused with their name."""

import unittest

from chart import Refused, template
from knobs import ENTRY, SCOPED

# By the schema: the value, and what the message names besides.
WRONG = [
    ("image.tag", 3, "string"),
    ("image.digest", "sha256:12", "pattern"),
    ("image.pullPolicy", "Sometimes", "IfNotPresent"),
    ("image.name", "x", "name"),
    ("replicas", "two", "integer"),
    ("replicas", -1, "minimum"),
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
    ("accounts.existing.kind", "File", "Secret"),
    ("driftCheckInterval", "10", "pattern"),
    ("driftCheckInterval", 600, "string"),
    ("quotaShare", 50, "maximum"),
    ("quotaShare", "half", "number"),
    ("concurrency", 0, "minimum"),
    ("tolerateSettings", "A", "array"),
    ("maxLoweringsPerHour", -1, "minimum"),
    ("allowDisableOnDelete", "yes", "boolean"),
    ("leaderElection.enabled", False, "enabled"),
    ("leaderElection.leaseDuration", "soon", "pattern"),
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

# By the templates: values, and what to do.
TOGETHER = [
    ({"image.repository": ""}, "--set image.repository="),
    ({"accounts.enabled": True}, "without accounts.entries or accounts.existing.name"),
    ({"accounts.entries": [ENTRY]}, "accounts.enabled is false"),
    ({"accounts.existing.name": "mine"}, "accounts.enabled is false"),
    ({"accounts.enabled": True, "accounts.existing.name": "mine", "accounts.entries": [ENTRY]}, "both set"),
    ({**SCOPED, "allowDisableOnDelete": True}, "needs rbac.clusterScoped=true"),
]


class WrongValues(unittest.TestCase):
    def test_are_refused_by_name(self):
        for name, value, word in WRONG:
            with self.subTest(name, value=value):
                message = self.refusal({name: value})
                # What is too much in a section is told at the section.
                place = "/" + name.replace(".", "/")
                self.assertTrue(f"'{place}" in message or f"'{place.rpartition('/')[0]}'" in message, message)
                self.assertIn(word, message)

    def test_that_do_not_go_together_are_refused_with_what_to_write(self):
        for values, words in TOGETHER:
            with self.subTest(values):
                self.assertIn(words, self.refusal(values))

    def refusal(self, values):
        with self.assertRaises(Refused) as refused:
            template(values)
        return str(refused.exception)


class OtherCharts(unittest.TestCase):
    def test_may_pass_global_values(self):
        self.assertTrue(template({"global.anything": 1, "tags": {}}))
