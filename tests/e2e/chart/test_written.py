"""What people write that YAML reads otherwise: names like numbers, and values with nothing after them."""

import pathlib
import tempfile
import textwrap
import unittest

from chart import CHART, OLDEST, load, look, of_kind, run, settings, template

MAGIC = ("123", "true", "null", "on", "0x1f", "1e3")
EVERYTHING = {
    "replicaCount": 2, "accounts.enabled": True, "networkPolicy.enabled": True, "metrics.dashboard.enabled": True,
    "metrics.serviceMonitor.enabled": True, "metrics.serviceMonitor.renderMode": "alwaysRender",
    "metrics.prometheusRule.enabled": True, "metrics.prometheusRule.renderMode": "alwaysRender",
    "metrics.customResourceState.enabled": True, "metrics.customResourceState.serviceAccount.name": "ksm",
    "admission.floor.enabled": True, "admission.floor.namespaces": ["a"], "admission.floor.lowestMode": "ON",
}
AS_THEY_ARE = {
    "podSecurityContext": "securityContext", "securityContext": "containers.0.securityContext",
    "resources": "containers.0.resources", "nodeSelector": "nodeSelector",
    "livenessProbe": "containers.0.livenessProbe.periodSeconds",
    "readinessProbe": "containers.0.readinessProbe.periodSeconds",
}
# As a copy of values.yaml looks after most of its lines were commented out.
COMMENTED_OUT = """\
image:
  repository: registry.example.com/cognito-mfa-operator
aws:
  # region: eu-west-1
metrics:
# serviceMonitor:
#   enabled: true
networkPolicy:
serviceAccount:
  # annotations: {}
admission:
leaderElection:
  leaseDuration:
tolerations:
"""
TEXTS = ("name", "namespace", "secretName", "serviceAccountName", "priorityClassName", "schedulerName", "policyName")


def texts(value):
    """What must be texts in an object: names, and all labels."""
    for name, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if name in ("labels", "matchLabels", "annotations"):
            yield from ((f"{name} {key}", text) for key, text in inner.items())
        # A schema has properties of the same names.
        elif name in TEXTS and not isinstance(inner, dict):
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
    def test_mean_their_defaults(self):
        values = load((CHART / "values.yaml").read_text())[0]
        names = [name for name in paths(values) if name.split(".")[0] != "image"]
        single = [name for name in names if not isinstance(look(values, name.split(".")), dict)]
        self.assertGreater(len(single), 100)
        plain = template({})
        for empty in (single, *([section] for section in names if section not in single)):
            with self.subTest(empty):
                self.assertEqual(template(dict.fromkeys(empty)), plain)

    def test_take_a_map_away_that_goes_into_the_pod_as_it_is(self):
        for name, field in AS_THEY_ARE.items():
            with self.subTest(name):
                pod = of_kind(template({name: None}), "Deployment")[0]["spec"]["template"]["spec"]
                self.assertIsNone(look(pod, field.split(".")))

    def test_mean_their_defaults_to_a_parent_chart_and_to_both_helms(self):
        with tempfile.TemporaryDirectory() as folder:
            parent = pathlib.Path(folder)
            (parent / "charts").mkdir()
            (parent / "charts" / CHART.name).symlink_to(CHART)
            (parent / "Chart.yaml").write_text("apiVersion: v2\nname: parent\nversion: 1.0.0\n")
            (parent / "values.yaml").write_text(f"{CHART.name}:\n{textwrap.indent(COMMENTED_OUT, '  ')}")
            (parent / "mine.yaml").write_text(COMMENTED_OUT)
            expected = template({})
            for helm in ("helm", "helm3"):
                for chart, values in ((CHART, ["--values", parent / "mine.yaml"]), (parent, [])):
                    with self.subTest(helm, chart=chart.name):
                        made = run(helm, "template", "release", chart, "--namespace", "home", "--kube-version", OLDEST, *values)
                        self.assertEqual(load(made), expected)


def paths(values, path=""):
    """The dotted names of all sections and values, but for maps that go into the Pod as they are."""
    for name, value in values.items():
        if path + name not in (*AS_THEY_ARE, "metrics.dashboard.labels"):
            yield path + name
            if isinstance(value, dict):
                yield from paths(value, f"{path}{name}.")
