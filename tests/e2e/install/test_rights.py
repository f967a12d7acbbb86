"""The operator as a Pod of the chart's Deployment: it reconciles in every scope, with the rights that it is given, and it
uses each of them."""

import json
import unittest

from commands import config, helm, kubectl, wait_until
from rights import AuditLog, granted
from rig import Rig

ASKED = "cognito.mfaoperator.dev/reconcile-requested-at"


class TheChartsRights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rig = Rig()
        cls.rig.__enter__()
        cls.addClassCleanup(cls.rig.__exit__, None, None, None)

    def test_suffice_and_none_is_idle_for_the_whole_cluster(self):
        self.check("whole", ["anywhere"], {})

    def test_suffice_and_none_is_idle_where_deletions_may_turn_mfa_off(self):
        self.check("disabling", ["somewhere"], {"allowDisableOnDelete": "true"})

    def test_suffice_and_none_is_idle_in_a_list_of_namespaces(self):
        self.check("narrow", ["team-a", "team-b"], {"watchNamespaces": "{team-a,team-b}"})

    def test_suffice_and_none_is_idle_in_a_list_of_namespaces_where_deletions_may_turn_mfa_off(self):
        self.check("narrow-disabling", ["team-c"], {"watchNamespaces": "{team-c}", "allowDisableOnDelete": "true",
                                                    "rbac.clusterScoped": "true"})

    def check(self, release, namespaces, values):
        for namespace in namespaces:
            kubectl("create", "namespace", namespace)
        with self.rig.installed(release, values):
            for namespace in namespaces:
                self.exercise(namespace, values)
            self.elect_again(release)
        log = AuditLog(release, release)
        self.assertEqual(log.refused(), [])
        rights = granted(self.rig.kube, release, release)
        self.assertEqual(log.used(rights), rights)
        helm("uninstall", release, "--namespace", release, "--wait")

    def exercise(self, namespace, values):
        """All that the operator does: a Set and its event, a repeated event, an object that it cannot read, a deletion that
        asks for MFA to be turned off."""
        pool = f"us-east-1_{namespace.replace('-', '')}"
        self.rig.emulator.pool(pool)
        self.rig.create(namespace, config("set", pool, deletionPolicy="Disable"))
        self.rig.until_ready(namespace, "set")
        for time in ("1", "2"):
            self.rig.emulator.change(pool, EmailMfaConfiguration={})
            kubectl("annotate", "--overwrite", f"--namespace={namespace}", "upmfa/set", f"{ASKED}={time}")
            self.until(lambda: self.rig.object(namespace, "set")["status"].get("lastHandledReconcileAt") == time, "checked")
        self.rig.create(namespace, config("unreadable", f"{pool}x", emailMfaConfiguration=None))
        self.until(lambda: self.rig.events(namespace, "unreadable"), "the event about the unreadable object")
        kubectl("delete", f"--namespace={namespace}", "upmfa/set", "--timeout=2m")
        off = "OFF" if values.get("allowDisableOnDelete") else "ON"
        self.assertEqual(self.rig.emulator.mode(pool), off)

    def elect_again(self, release):
        """Another replica takes the Lease and is not heard of again: the election that follows repeats an event."""
        taken = {"spec": {"holderIdentity": "another", "leaseDurationSeconds": 1}}
        kubectl("patch", "lease", release, f"--namespace={release}", "--type=merge", f"--patch={json.dumps(taken)}")
        self.until(lambda: any("series" in event for event in self.rig.events(release, release)), "elected again")

    def until(self, condition, what):
        wait_until(condition, lambda: f"{what}; the log:\n{self.rig.logs()}")
