"""What people write that YAML reads otherwise: names like numbers, and values with nothing after them."""

import unittest

from chart import CHART, Refused, load, run, settings, template
from knobs import ENTRY

MAGIC = ("123", "true", "null", "on", "0x1f", "1e3")
EVERYTHING = {
    "replicas": 2, "accounts.enabled": True, "networkPolicy.enabled": True, "metrics.dashboard.enabled": True,
    "metrics.serviceMonitor.enabled": True, "metrics.serviceMonitor.renderMode": "alwaysRender",
    "metrics.prometheusRule.enabled": True, "metrics.prometheusRule.renderMode": "alwaysRender",
    "metrics.customResourceState.enabled": True, "metrics.customResourceState.serviceAccount.name": "ksm",
    "admission.floor.enabled": True, "admission.floor.namespaces": ["a"], "admission.floor.lowestMode": "ON",
}
TEXTS = ("name", "namespace", "secretName", "serviceAccountName", "priorityClassName", "schedulerName", "policyName")


def texts(value):
    """What must be texts in an object: names, and all labels."""
    for name, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if name in ("labels", "matchLabels", "annotations"):
            yield from ((f"{name} {key}", text) for key, text in inner.items())
        elif name in TEXTS:
            yield name, inner
        else:
            yield from texts(inner)


class NamesLikeNumbers(unittest.TestCase):
    def test_stay_texts(self):
        for word in MAGIC:
            values = {**EVERYTHING, "fullnameOverride": word, "nameOverride": word, "serviceAccount.name": word,
                      "priorityClassName": word, "schedulerName": word, "accounts.existing.name": word,
                      "accounts.existing.kind": "Secret", "watchNamespaces": [word], "commonLabels": {"a": word},
                      "metrics.customResourceState.serviceAccount.name": word,
                      "metrics.customResourceState.serviceAccount.namespace": word}
            with self.subTest(word):
                for one in template(values, release=word, namespace=word):
                    for name, text in texts(one):
                        self.assertIsInstance(text, str, (one["kind"], name))

    def test_are_quoted_where_python_would_not_need_it(self):
        printed = run("helm", "template", "1e3", CHART, "--namespace", "1e4", *settings({"serviceAccount.name": "1e5"}))
        for bare in (": 1e3\n", ": 1e4\n", ": 1e5\n"):
            self.assertNotIn(bare, printed)


class ValuesWithNothingAfterThem(unittest.TestCase):
    def test_are_as_empty_ones_where_that_means_something(self):
        schema, values = (load((CHART / name).read_text())[0] for name in ("values.schema.json", "values.yaml"))
        needed = {**EVERYTHING, "accounts.existing.name": "mine", "image.repository": "a"}
        defaults = {name: value for name, value in optional(values, schema) if name not in needed}
        self.assertGreater(len(defaults), 60)
        empty = {name: value for name, value in defaults.items() if not value}
        self.assertEqual(template({**needed, **dict.fromkeys(empty)}), template({**needed, **empty}))
        # An empty map leaves defaults that are none as they are: nothing takes them away.
        for without in ({}, {"accounts.enabled": False, "accounts.existing.name": None}):
            run("helm", "install", "any", CHART, "--dry-run=client",
                *settings({**needed, **dict.fromkeys(defaults), **without}))

    def test_are_refused_by_name_elsewhere(self):
        for name in ("replicas", "quotaShare", "accounts", "rbac.create", "leaderElection.leaseDuration", "log.level"):
            with self.subTest(name), self.assertRaises(Refused) as refused:
                template({name: None})
            self.assertIn(f"missing property '{name.rpartition('.')[2]}'", str(refused.exception))


def optional(values, schema, path=""):
    """The values that need not be there, and their defaults."""
    for name, value in values.items():
        part = schema["properties"][name]
        if name not in schema.get("required", ()):
            yield path + name, value
        elif isinstance(value, dict):
            yield from optional(value, part, f"{path}{name}.")
