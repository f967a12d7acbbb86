"""From kubectl to Helm and back, by the commands of docs/upgrade.md."""

import json
import re
import unittest

import commands
from chart import CRD, ROOT, VERSION, Refused, cluster, remove_crd, run
from commands import DEADLINE_SECONDS, KIND, wait_until

NAME = "cognito-mfa-operator"
TEAM = "takeover-team"
IMAGE = "registry.example.com/cognito-mfa-operator"
INSTALL = (ROOT / "deploy/install.yaml").read_text()


def blocks():
    """The commands of the page's section: with Helm 4, with Helm 3, and back to kubectl."""
    page = (ROOT / "docs/upgrade.md").read_text()
    section = page.partition("## From one way of installing to another")[2].partition("\n## ")[0]
    return re.findall(r"```bash\n(.*?)```", section, re.S)


def type_in(block, helm):
    script = re.sub(r"^helm ", f"{helm} ", block, flags=re.M)
    commands.run("bash", "-euo", "pipefail", "-c", f"IMAGE={IMAGE}:{VERSION}\n{script}", cwd=ROOT, timeout=DEADLINE_SECONDS)


def manifests(version):
    return re.sub("image: .*", f"image: {IMAGE}:{version}", INSTALL)


def older_manifests():
    """Of a version whose CRD differs, too."""
    assert "    - cognito\n" in INSTALL
    return manifests("0.0.9").replace("    - cognito\n", "")


class FromKubectlToHelm(unittest.TestCase):
    def setUp(self):
        self.addCleanup(remove_crd)

    def test_and_back_keeps_the_objects_and_brings_the_new_crd(self):
        to_helm4, to_helm3, to_kubectl = blocks()
        for helm, block in (("helm", to_helm4), ("helm3", to_helm3)):
            for side in ("--server-side=false", "--server-side"):
                with self.subTest(helm, side=side):
                    self.clean()
                    run("kubectl", "apply", side, "-f", "-", stdin=older_manifests())
                    expected = (VERSION, ["aws", "cognito"], self.create_an_object())
                    type_in(block, helm)
                    self.assertEqual(self.state(), expected)
                    run(helm, "uninstall", NAME, "--namespace", NAME)
                    type_in(to_kubectl, helm)
                    self.assertEqual(self.state(), expected)

    def test_of_the_same_version_conflicts_in_nothing(self):
        for side in ("--server-side=false", "--server-side"):
            with self.subTest(side):
                self.clean()
                run("kubectl", "apply", side, "-f", "-", stdin=manifests(VERSION))
                type_in(blocks()[0].replace("--force-conflicts ", ""), "helm")

    def test_stops_in_helm_4_at_what_differs_unless_it_is_forced(self):
        self.clean()
        run("kubectl", "apply", "--server-side", "-f", "-", stdin=older_manifests())
        with self.assertRaisesRegex(Refused, "conflict"):
            type_in(blocks()[0].replace("--force-conflicts ", ""), "helm")

    def clean(self):
        """Removes what an earlier case has left, but for the namespaces: nothing here empties a deleted one."""
        remove_crd()
        run("kubectl", "delete", "all,serviceaccount,role,rolebinding,secret", "--all", f"--namespace={NAME}")
        run("kubectl", "delete", "clusterrole,clusterrolebinding", f"--selector=app.kubernetes.io/name={NAME}")

    def create_an_object(self):
        """Its uid."""
        run("kubectl", "wait", f"crd/{CRD}", "--for=condition=Established", "--timeout=60s")
        wait_until(lambda: "userpoolmfaconfigs" in run("kubectl", "api-resources", "--cached=false"), "the kind is served")
        if not cluster("namespace", TEAM):
            run("kubectl", "create", "namespace", TEAM)
        spec = {"userPoolId": "eu-west-1_AbCdEf123", "mfaConfiguration": "OFF"}
        created = {**KIND, "metadata": {"name": "kept", "namespace": TEAM}, "spec": spec}
        run("kubectl", "create", "-f", "-", stdin=json.dumps(created))
        return cluster("upmfa", "kept", "--namespace", TEAM)["metadata"]["uid"]

    def state(self):
        """The version of the Deployment's image, the CRD's categories, and the object's uid."""
        image = cluster("deployment", NAME, "--namespace", NAME)["spec"]["template"]["spec"]["containers"][0]["image"]
        categories = cluster("crd", CRD)["spec"]["names"]["categories"]
        return image.rpartition(":")[2], categories, cluster("upmfa", "kept", "--namespace", TEAM)["metadata"]["uid"]
