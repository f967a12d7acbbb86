"""`make demo KUBECONFIG=FILE`: the demo on a cluster that exists."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

from commands import ROOT, config, kubectl, run
from kube import Kube
from programs import Programs

CRD = "userpoolmfaconfigs.cognito.mfaoperator.dev"
KINDS = ("namespaces,customresourcedefinitions,clusterroles,clusterrolebindings,serviceaccounts,roles,rolebindings,"
         "deployments,services,leases")
LABELS = {"app.kubernetes.io/name": "cognito-mfa-operator"}


def setUpModule():
    # Without it a deleted namespace stays.
    Programs().start("kube-controller-manager", 0, lambda: [
        "kube-controller-manager", "--kubeconfig", os.environ["KUBECONFIG"], "--leader-elect=false", "--secure-port=0",
        "--controllers=namespace-controller"], lambda: True)


class ExistingCluster(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.kubeconfig = pathlib.Path(folder.name, "the cluster's")
        shutil.copy(os.environ["KUBECONFIG"], self.kubeconfig)
        # The exported variable must not choose the cluster.
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        self.environment["KUBECONFIG"] = "/nowhere"

    def make(self, *words):
        return run("make", "demo", *words, cwd=ROOT, env=self.environment, check=False)

    def test_the_demo_leaves_a_cluster_as_it_was(self):
        before = objects()
        ended = self.make(f"KUBECONFIG={self.kubeconfig}")
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        self.assertEqual(objects(), before)
        self.assertNotIn("namespace/cognito-mfa-operator", ended.stdout)

    def test_a_crd_that_was_there_stays_when_the_demo_is_stopped(self):
        kubectl("create", "-f", "crds/userpoolmfaconfigs.yaml")
        self.addCleanup(kubectl, "delete", "crd", CRD)
        kubectl("wait", f"crd/{CRD}", "--for=condition=Established=true", "--timeout=1m")
        Kube().create("userpoolmfaconfigs", config("of-others", "eu-west-1_AbCdEf123"), "default")
        before = objects()
        command = ["make", "demo", "KEEP=1", f"KUBECONFIG={self.kubeconfig}"]
        demo = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, start_new_session=True,
                                preexec_fn=ignore_interrupts)
        with demo:
            shown = []
            for line in demo.stdout:
                shown.append(line)
                if "Ctrl-C stops everything" in line:
                    os.killpg(demo.pid, signal.SIGTERM)
        self.assertEqual(objects(), before, "".join(shown))
        self.assertIn("Ctrl-C stops everything.\n", shown)
        other = Kube().get("userpoolmfaconfigs", "of-others", "default")
        self.assertEqual(other["status"], {"observedGeneration": -1})  # the CRD's default

    def test_a_cluster_with_an_operator_is_refused(self):
        pod = {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "operator", "image": "operator"}]}}
        Kube().create("deployments", {
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "operator", "labels": LABELS},
            "spec": {"selector": {"matchLabels": LABELS}, "template": pod}}, "default")
        self.addCleanup(kubectl, "delete", "deployment", "operator")
        before = objects()
        ended = self.make(f"KUBECONFIG={self.kubeconfig}")
        self.assertNotEqual(ended.returncode, 0)
        self.assertIn("would reconcile the demo's objects too", ended.stdout)
        self.assertEqual(objects(), before)

    def test_a_namespace_that_was_there_stays(self):
        kubectl("create", "namespace", "cognito-mfa-demo")
        self.addCleanup(kubectl, "delete", "namespace", "cognito-mfa-demo")
        before = objects()
        ended = self.make(f"KUBECONFIG={self.kubeconfig}")
        self.assertNotEqual(ended.returncode, 0)
        self.assertIn("the cluster has namespace/cognito-mfa-demo", ended.stdout)
        self.assertEqual(objects(), before)

    def test_an_exported_variable_chooses_no_cluster(self):
        self.assertNotIn("--kubeconfig", self.make("--dry-run").stdout)


def ignore_interrupts():
    """As for what a shell script starts in the background, such as `nohup make demo &`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def objects():
    """The UIDs of what the demo could make or change."""
    line = '{.kind} {.metadata.namespace} {.metadata.name} {.metadata.uid}{"\\n"}'
    listed = kubectl("get", KINDS, "--all-namespaces", "--output", f"jsonpath={{range .items[*]}}{line}{{end}}")
    return set(listed.splitlines())


if __name__ == "__main__":
    unittest.main()
