"""Every value below metrics and admission changes what is rendered."""

import copy
import unittest

import yaml

import kit

EVERYTHING = {
    "metrics": {"serviceMonitor": {"enabled": True}, "prometheusRule": {"enabled": True, "runbookBaseUrl": "https://a"},
                "dashboard": {"enabled": True},
                "customResourceState": {"enabled": True, "serviceAccount": {"name": "reader"}}},
    "admission": {"floor": {"enabled": True, "namespaces": ["a"], "lowestMode": "ON"}},
}
LABELS = {"a": "b"}
OF_ALL = {"enabled": False, "namespace": "elsewhere", "labels": LABELS, "annotations": LABELS}
OTHERS = {
    "metrics": {
        "serviceMonitor": {**OF_ALL, "interval": "17s", "scrapeTimeout": "7s", "honorLabels": True,
                           "relabelings": [{"action": "labelmap"}], "metricRelabelings": [{"action": "drop"}]},
        "prometheusRule": {**OF_ALL, "selector": 'a="b"', "ruleLabels": LABELS, "disabled": ["UserPoolMfaConfigOff"],
                           "runbookBaseUrl": "https://b",
                           "thresholds": {"oldestCheckAgeSeconds": 7201, "intervalStretchRatio": 2.5, "throttledRatio": 0.25,
                                          "awsErrorRatio": 0.35, "uncheckedSeconds": 93601}},
        "dashboard": OF_ALL,
        "customResourceState": {**OF_ALL, "serviceAccount": {"name": "other", "namespace": "other"}},
    },
    "admission": {"floor": {
        "enabled": False, "namespaces": ["b"], "namespaceSelector": {"matchLabels": LABELS}, "lowestMode": "OPTIONAL",
        "allowedFactors": ["TOTP"], "noSms": True, "noObserve": True, "noSuspend": True, "noOverwrite": True,
        "noDisableOnDelete": True, "actions": ["Audit"], "exemptGroups": ["g"], "exemptUsers": ["u"], "contact": "us"}},
}
# RenderModes in test_rules.py: here the kinds are known.
MODES = {("metrics", "serviceMonitor", "renderMode"), ("metrics", "prometheusRule", "renderMode")}


class Knobs(unittest.TestCase):
    def test_every_value_changes_what_is_rendered(self):
        before = kit.render(EVERYTHING).stdout
        for path, value in leaves(OTHERS):
            with self.subTest(".".join(path)):
                self.assertNotEqual(kit.render(changed(EVERYTHING, path, value)).stdout, before)

    def test_no_value_is_left_out_here(self):
        values = yaml.safe_load((kit.CHART / "values.yaml").read_text())
        there = {path for path, _ in leaves({key: values[key] for key in OTHERS})}
        known = {path for path, _ in leaves(OTHERS)} | MODES
        self.assertEqual({path for path in there if not any(path[:len(each)] == each for each in known)}, set())


def leaves(tree, path=()):
    """Paths and values. What is empty, or has keys of the user's own, is a leaf."""
    for key, value in tree.items():
        at = (*path, key)
        if isinstance(value, dict) and value and key not in ("labels", "annotations", "ruleLabels", "namespaceSelector"):
            yield from leaves(value, at)
        else:
            yield at, value


def changed(values, path, value):
    result = at = copy.deepcopy(values)
    for key in path[:-1]:
        at = at.setdefault(key, {})
    at[path[-1]] = value
    return result
