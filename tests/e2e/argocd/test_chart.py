"""The Application of the chart: deploy/argocd/application-operator.yaml, as the README installs it."""

import unittest

from applications import REFRESH, config, health_of, resource, synced
from argocd import NAMESPACE
from commands import kubectl, wait_until
from rig import OPERATOR, rig

CRD = "userpoolmfaconfigs.cognito.mfaoperator.dev"


class TheOperatorsApplication(unittest.TestCase):
    def setUp(self):
        self.rig = rig()
        self.kube = self.rig.kube
        self.wait_until_it_is_well()

    def get(self):
        return self.kube.get("applications", OPERATOR, NAMESPACE)

    def wait_until_it_is_well(self):
        wait_until(lambda: synced(self.get()) and health_of(self.get()) == "Healthy",
                   lambda: f"Synced and Healthy: {self.get()['status']}")

    def test_is_synced_and_healthy_by_its_first_sync_which_puts_the_crd_before_the_operator(self):
        state = self.rig.first_sync
        self.assertEqual((state["phase"], state.get("retryCount", 0)), ("Succeeded", 0), state)
        kinds = [each["kind"] for each in state["syncResult"]["resources"] if each["kind"] != "Namespace"]
        self.assertLess(kinds.index("CustomResourceDefinition"), kinds.index("Deployment"))
        self.assertEqual({each["status"] for each in self.get()["status"]["resources"]}, {"Synced"})

    def test_stays_synced_through_a_hard_refresh(self):
        with self.kube.history("applications", OPERATOR, NAMESPACE) as history:
            self.kube.patch("applications", OPERATOR, REFRESH, NAMESPACE)
            wait_until(lambda: "argocd.argoproj.io/refresh" not in self.get()["metadata"].get("annotations", {}),
                       "Argo CD read git")
            self.assertEqual({state["status"]["sync"]["status"] for state in history.states}, {"Synced"})

    def test_does_not_prune_the_crd_when_the_chart_has_none_any_more(self):
        self.addCleanup(self.wait_until_it_is_well)
        self.addCleanup(self.want_crd, True)
        self.want_crd(False)
        wait_until(lambda: self.compared_values()["crds"].get("enabled") is False and synced(self.get()),
                   lambda: f"Synced without the CRD: {self.get()['status']}")
        self.assertEqual(resource(self.get(), CRD, "CustomResourceDefinition"), {})
        self.assertTrue(self.kube.get("customresourcedefinitions", CRD))

    def want_crd(self, enabled):
        values = {"crds": {"enabled": enabled}}
        self.kube.patch("applications", OPERATOR, {"spec": {"source": {"helm": {"valuesObject": values}}}}, NAMESPACE)
        wait_until(lambda: self.compared_values()["crds"].get("enabled") is enabled, "Argo CD takes the values")

    def compared_values(self):
        return self.get()["status"]["sync"]["comparedTo"]["source"]["helm"]["valuesObject"]

    def test_leaves_the_crd_and_all_objects_when_it_is_deleted_and_takes_them_up_again(self):
        pool = "eu-west-1_KeptOverAnUninstall"
        self.rig.emulator.pool(pool)
        kubectl("create", "namespace", "kept")
        self.kube.create("userpoolmfaconfigs", config("customers", pool), "kept")
        wait_until(lambda: self.rig.emulator.mode(pool) == "ON", "the object is applied")
        self.kube.delete("applications", OPERATOR, NAMESPACE)
        wait_until(lambda: self.get() is None, "the Application is gone")
        self.rig.wait_until_nothing_runs()
        self.assertEqual(self.rig.emulator.mode(pool), "ON")
        self.assertIsNone(self.kube.get("deployments", OPERATOR, OPERATOR))
        self.assertTrue(self.kube.get("customresourcedefinitions", CRD))
        self.assertTrue(self.kube.get("userpoolmfaconfigs", "customers", "kept"))
        self.rig.install_operator()
        self.wait_until_it_is_well()
        self.kube.patch("userpoolmfaconfigs", "customers", {"spec": {"mfaConfiguration": "OPTIONAL"}}, "kept")
        wait_until(lambda: self.rig.emulator.mode(pool) == "OPTIONAL", "the object is served again")
