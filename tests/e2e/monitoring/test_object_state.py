"""The real kube-state-metrics with the chart's configuration and rights, on the real API server: it gives the metrics
that the alerts on single objects use, and no two series of one name."""

import contextlib
import json
import os
import pathlib
import re
import unittest

import yaml

import kit
import named
import rig
from commands import wait_until
from programs import Programs, answers

SERIES = re.compile(r"^(\w+)\{(.*)\} (\S+)$", re.M)
LABEL = re.compile(r'(\w+)="([^"]*)"')
STATUS = {
    "observedGeneration": 1, "userPoolId": "eu-west-1_AbCdEf123", "mode": "OFF", "factors": "TOTP",
    "region": "eu-west-1",
    "lastVerifiedTime": "2026-01-01T00:00:00Z", "lastLoweringTime": "2026-01-02T00:00:00Z",
    "lastError": {"code": "AccessDeniedException", "message": "no", "operation": "GetUserPoolMfaConfig"},
    "corrections": [
        {"time": "2026-01-03T00:00:00Z", "fields": ["mfaConfiguration"], "lowered": True},
        {"time": "2026-01-04T00:00:00Z", "fields": ["mfaConfiguration"], "lowered": True},
    ],
    "conditions": [
        {"type": "Ready", "status": "False", "reason": "AdoptionHeld", "message": "on hold",
         "lastTransitionTime": "2026-01-01T00:00:00Z"},
        {"type": "Synced", "status": "Unknown", "reason": "AdoptionHeld", "message": "on hold",
         "lastTransitionTime": "2026-01-01T00:00:00Z"},
        {"type": "Stalled", "status": "True", "reason": "AdoptionHeld", "message": "on hold",
         "lastTransitionTime": "2026-01-01T00:00:00Z"},
    ],
}
SPEC = {"mfaConfiguration": "ON", "softwareTokenMfaConfiguration": {"enabled": True}, "suspend": True}


class ObjectState(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        kit.install_crd()
        cls.namespace = kit.new_namespace()
        kit.apply(kit.config(cls.namespace, "reported", SPEC), kit.config(cls.namespace, "new", SPEC))
        kit.kubectl("patch", "upmfa", "reported", "--namespace", cls.namespace, "--subresource=status", "--type=merge",
                    "--patch", json.dumps({"status": STATUS}))
        with kube_state_metrics(cls.namespace) as read:
            cls.page = wait_until(lambda: both_objects_on(read()), read)
        cls.series = [(name, dict(LABEL.findall(labels)), float(value))
                      for name, labels, value in SERIES.findall(cls.page) if name.startswith("userpoolmfaconfig_")]

    def of(self, metric, /, **labels):
        """The values of the series of that name which have these labels."""
        return [value for found, having, value in self.series
                if found == f"userpoolmfaconfig_{metric}" and labels.items() <= having.items()]

    def test_it_gives_every_metric_of_the_configuration_and_no_other(self):
        self.assertEqual({name for name, _, _ in self.series}, named.object_metrics())

    def test_each_series_names_its_object(self):
        found = {(labels["namespace"], labels["name"]) for _, labels, _ in self.series}
        self.assertEqual(found, {(self.namespace, "reported"), (self.namespace, "new")})

    def test_no_series_comes_twice(self):
        keys = [(name, tuple(sorted(labels.items()))) for name, labels, _ in self.series]
        self.assertEqual(len(keys), len(set(keys)))

    def test_conditions_have_their_status_and_reason(self):
        on_hold = dict(name="reported", reason="AdoptionHeld")
        self.assertEqual(self.of("status_condition", type="Ready", status="False", **on_hold), [0])
        self.assertEqual(self.of("status_condition", type="Synced", status="Unknown", **on_hold), [0])
        self.assertEqual(self.of("status_condition", type="Stalled", status="True", **on_hold), [1])

    def test_times_are_seconds_and_the_newest_correction_is_the_one_told(self):
        self.assertEqual(self.of("status_last_verified_time_seconds", name="reported"), [1767225600])
        self.assertEqual(self.of("status_last_lowering_time_seconds", name="reported"), [1767312000])
        self.assertEqual(self.of("status_last_correction_time_seconds", name="reported", lowered="true"), [1767484800])

    def test_what_is_declared_and_found_are_labels(self):
        self.assertEqual(self.of("info", name="reported", mode="OFF", declared_mode="ON", factors="TOTP",
                                 region="eu-west-1", user_pool_id="eu-west-1_AbCdEf123", management_policy="Enforce",
                                 deletion_policy="Retain"), [1])
        self.assertEqual(self.of("spec_suspend", name="reported"), [1])
        self.assertEqual(self.of("status_last_error", name="reported", code="AccessDeniedException",
                                 operation="GetUserPoolMfaConfig"), [1])

    def test_an_object_that_nobody_has_looked_at_shows_it(self):
        self.assertEqual(self.of("status_observed_generation", name="new"), [-1])
        self.assertEqual(self.of("metadata_generation", name="new"), [1])
        self.assertEqual(self.of("status_condition", name="new"), [])

    def test_the_alerts_use_labels_that_the_series_have(self):
        for alert in (alert for alert in kit.alerts() if alert["alert"].startswith("UserPoolMfaConfig")):
            for name, matchers in re.findall(r"(userpoolmfaconfig_\w+)\{([^}]*)\}", alert["expr"]):
                wanted = set(re.findall(r'(\w+)[!=]~?"', matchers))
                self.assertTrue(any(wanted <= set(labels) for found, labels, _ in self.series if found == name),
                                alert["alert"])


def both_objects_on(page):
    wanted = ['status_last_error{', 'status_observed_generation{', 'name="new"', 'reason="AdoptionHeld"']
    return page if all(word in page for word in wanted) else None


@contextlib.contextmanager
def kube_state_metrics(namespace):
    """What reads its page. It runs under a ServiceAccount with the rights that the chart gives, and no others."""
    programs = Programs()
    folder = programs.folder
    account = {"name": "kube-state-metrics", "namespace": namespace}
    settings = {"enabled": True, "namespace": namespace, "serviceAccount": account}
    rights = [each for kind in ("ClusterRole", "ClusterRoleBinding")
              for each in kit.objects({"metrics": {"customResourceState": settings}}, kind)
              if each["metadata"]["name"].endswith("object-state")]
    kit.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account}, *rights)
    (folder / "config.yaml").write_text(kit.object_state(**settings))
    (folder / "kubeconfig").write_text(json.dumps(with_token_of(account)))
    command = [kit.program("kube-state-metrics"), "--kubeconfig", folder / "kubeconfig", "--custom-resource-state-only",
               "--custom-resource-state-config-file", folder / "config.yaml", "--namespaces", namespace,
               "--host", "127.0.0.1", "--telemetry-host", "127.0.0.1"]
    with rig.running(programs, "kube-state-metrics", 2,
                     lambda own, telemetry: [*command, "--port", own, "--telemetry-port", telemetry],
                     lambda own, _: answers(own, "/metrics")) as [port, _]:
        yield lambda: rig.page(port)[0]


def with_token_of(account):
    """The administrator's kubeconfig with a ServiceAccount's token in it."""
    found = yaml.safe_load(pathlib.Path(os.environ["KUBECONFIG"]).read_text())
    token = kit.kubectl("create", "token", account["name"], "--namespace", account["namespace"]).stdout.strip()
    found["users"][0]["user"] = {"token": token}
    return found
