"""Releases on a real API server, with the newest Helm and with the oldest that the chart is for."""

import json
import re
import tempfile
import unittest

from chart import (CHART, CRD, ROOT, VERSION, Refused, as_version, background, cluster, key, load, namespace, remove_crd,
                   run, settings)
from commands import wait_until

HELMS = ("helm", "helm3")
NAME = "cognito-mfa-operator"


class AReleaseTest(unittest.TestCase):
    def setUp(self):
        self.addCleanup(remove_crd)
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def install(self, release, home, values=(), helm="helm", chart=CHART):
        return run(helm, "install", release, chart, "--namespace", home, *settings(dict(values)))

    def upgrade(self, release, home, helm="helm", chart=CHART):
        return run(helm, "upgrade", release, chart, "--namespace", home, *settings({}))


class ALife(AReleaseTest):
    def test_keeps_the_crd_and_the_objects_through_upgrade_rollback_and_uninstall(self):
        older = as_version("0.0.9", self.folder, "    - cognito\n", "")
        for helm in HELMS:
            with self.subTest(helm):
                remove_crd()
                self.lives(helm, older)

    def lives(self, helm, older):
        home = namespace()
        self.install(NAME, home, helm=helm, chart=older)
        self.assertEqual(self.versions(home), (["aws"], "0.0.9"))
        uid = self.create_an_object(home)
        self.upgrade(NAME, home, helm)
        self.assertEqual(self.versions(home), (["aws", "cognito"], VERSION))
        run(helm, "rollback", NAME, "1", "--namespace", home)
        self.assertEqual(self.versions(home), (["aws"], "0.0.9"))
        self.upgrade(NAME, home, helm)
        run(helm, "uninstall", NAME, "--namespace", home)
        self.assertIsNone(cluster("deployment", NAME, "--namespace", home))
        self.assertIsNone(cluster("clusterrole", f"{home}:{NAME}"))
        self.assertEqual(self.uid(home), uid)
        # The release finds its CRD again.
        self.install(NAME, home, helm=helm)
        self.assertEqual(self.uid(home), uid)
        run(helm, "uninstall", NAME, "--namespace", home)

    def versions(self, home):
        """The categories of the CRD, and the tag of the image."""
        deployment = cluster("deployment", NAME, "--namespace", home)
        image = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
        return cluster("crd", CRD)["spec"]["names"]["categories"], image.rpartition(":")[2]

    def create_an_object(self, home):
        run("kubectl", "wait", f"crd/{CRD}", "--for=jsonpath={.status.conditions[?(@.type=='Established')].status}=True", "--timeout=60s")
        wait_until(self.is_served, "the kind is served")
        run("kubectl", "create", "--namespace", home, "-f", ROOT / "deploy/samples/totp.yaml")
        return self.uid(home)

    def is_served(self):
        try:
            cluster("upmfa", "--all-namespaces")
            return True
        except Refused:
            return False

    def uid(self, home):
        return cluster("upmfa", "customers", "--namespace", home)["metadata"]["uid"]

    def test_ends_with_that_of_the_crd_where_it_is_not_kept(self):
        home = namespace()
        self.install(NAME, home, {"crds.keep": False})
        run("helm", "uninstall", NAME, "--namespace", home)
        wait_until(lambda: cluster("crd", CRD) is None, "the CRD is gone")


class ARollbackOfTheOperator(AReleaseTest):
    """As docs/upgrade.md has it."""

    def test_keeps_the_newer_crd_and_the_next_upgrade_brings_it_again(self):
        newer = as_version("0.2.0", self.folder, "    - cognito\n", "    - cognito\n    - newer\n")
        home = namespace()
        self.install(NAME, home, {"commonLabels": {"team": "x"}}, chart=newer)
        self.roll(home, CHART, crds=False)
        self.assertNotIn("CustomResourceDefinition", self.kinds(home))
        self.assertIn("newer", cluster("crd", CRD)["spec"]["names"]["categories"])
        self.roll(home, newer, crds=True)
        self.assertIn("CustomResourceDefinition", self.kinds(home))
        self.assertEqual(cluster("crd", CRD)["metadata"]["labels"]["team"], "x")

    def roll(self, home, chart, crds):
        run("helm", "upgrade", NAME, chart, "--namespace", home, "--reset-then-reuse-values",
            "--set", f"crds.enabled={str(crds).lower()}")

    def kinds(self, home):
        return {one["kind"] for one in load(run("helm", "get", "manifest", NAME, "--namespace", home))}


class AnUpgradeThatReusesValues(AReleaseTest):
    def test_finds_the_defaults_of_sections_that_its_release_did_not_have(self):
        older = as_version("0.0.9", self.folder, "    - cognito\n", "")
        values = older / "values.yaml"
        values.write_text(re.sub(r"^(admission|networkPolicy):\n( .*\n|\n)+", "", values.read_text(), flags=re.M))
        self.assertNotIn("admission", load(values.read_text())[0])
        for helm in HELMS:
            with self.subTest(helm):
                remove_crd()
                home = namespace()
                self.install(NAME, home, helm=helm, chart=older)
                run(helm, "upgrade", NAME, CHART, "--namespace", home, "--reuse-values")
                run(helm, "uninstall", NAME, "--namespace", home)


class TheFloor(AReleaseTest):
    """Lifted in an emergency, as docs/admission.md has it: the next upgrade must not fail because of that."""

    def test_is_lifted_by_a_value_or_without_its_binding_and_comes_back_with_an_upgrade(self):
        for helm in HELMS:
            with self.subTest(helm):
                remove_crd()
                self.is_lifted(helm)

    def is_lifted(self, helm):
        home = namespace()
        binding = f"{NAME}.{home}.floor.named"
        self.install(NAME, home, {"admission.floor": {"enabled": True, "namespaces": [home], "lowestMode": "ON"}}, helm)
        for actions in ("Warn", "Deny"):
            self.reuse(helm, home, "--set", f"admission.floor.actions={{{actions}}}")
            self.assertEqual(self.actions(binding), [actions])
        run("kubectl", "delete", "validatingadmissionpolicybinding", binding)
        self.reuse(helm, home)
        self.assertEqual(self.actions(binding), ["Deny"])
        run(helm, "uninstall", NAME, "--namespace", home)

    def reuse(self, helm, home, *words):
        run(helm, "upgrade", NAME, CHART, "--namespace", home, "--reuse-values", *words)

    def actions(self, binding):
        return cluster("validatingadmissionpolicybinding", binding)["spec"]["validationActions"]


class ACrdThatIsThere(AReleaseTest):
    def test_is_taken_over_when_asked(self):
        run("kubectl", "apply", "-f", ROOT / "crds")
        home = namespace()
        with self.assertRaisesRegex(Refused, "invalid ownership metadata"):
            self.install("first", home)
        run("helm", "install", "second", CHART, "--namespace", home, "--take-ownership", *settings({}))
        owner = cluster("crd", CRD)["metadata"]["annotations"]["meta.helm.sh/release-name"]
        self.assertEqual(owner, "second")


class AReleaseNamedByANumber(AReleaseTest):
    def test_is_installed_in_a_namespace_named_by_one(self):
        run("kubectl", "create", "namespace", "123456789012")
        for helm in HELMS:
            with self.subTest(helm):
                remove_crd()
                self.install("123", "123456789012", {"serviceAccount.name": "456"}, helm)
                made = cluster("deployment", "123-cognito-mfa-operator", "--namespace", "123456789012")
                self.assertEqual(made["spec"]["template"]["spec"]["serviceAccountName"], "456")
                # A Service must begin with a letter before Kubernetes 1.36.
                self.assertTrue(cluster("service", "metrics-123-cognito-mfa-operator", "--namespace", "123456789012"))
                run(helm, "uninstall", "123", "--namespace", "123456789012")


class TwoReleases(AReleaseTest):
    def test_do_not_collide_in_two_namespaces_nor_in_one(self):
        here, there = namespace(), namespace()
        without_crd = {"crds.enabled": False}
        self.install(NAME, here)
        self.install(NAME, there, without_crd)
        self.install("another", there, {**without_crd, "watchNamespaces": [here, there]})
        manifests = [load(run("helm", "get", "manifest", release, "--namespace", home))
                     for release, home in ((NAME, here), (NAME, there), ("another", there))]
        keys = [key(one) for manifest in manifests for one in manifest]
        self.assertEqual(len(keys), len(set(keys)))
        leases = {(one["metadata"]["namespace"], argument)
                  for manifest in manifests for one in manifest if one["kind"] == "Deployment"
                  for argument in one["spec"]["template"]["spec"]["containers"][0]["args"] if "election-name" in argument}
        self.assertEqual(len(leases), 3)


class ASecondRelease(AReleaseTest):
    """The notes name the first one where both serve a namespace."""

    NAMESPACED = {"crds.enabled": False, "rbac.aggregateView": False}

    def test_over_the_same_namespaces_is_warned_of(self):
        for helm in HELMS:
            with self.subTest(helm):
                home, team, other_team = namespace(), namespace(), namespace()
                first = self.notes("first", home, [team], helm)
                self.assertNotIn("another operator", first)
                apart = self.notes("apart", home, [other_team], helm)
                self.assertNotIn("another operator", apart)
                second = self.notes("second", home, [other_team, team], helm)
                self.assertIn(f"another operator serves the same objects: {home}:apart-{NAME} and {home}:first-{NAME}.", second)
                upgraded = run(helm, "upgrade", "first", CHART, "--namespace", home, "--reuse-values")
                self.assertIn(f"the same objects: {home}:second-{NAME}.", upgraded)

    def test_beside_one_that_serves_all_namespaces_is_warned_of(self):
        home, there = namespace(), namespace()
        self.install(NAME, home)
        for values in ({"crds.enabled": False}, {"crds.enabled": False, "watchNamespaces": [there]}):
            with self.subTest(values):
                notes = self.install("second", there, values)
                self.assertIn(f"{home}:{NAME}", notes.partition("another operator serves the same objects")[2])
                run("helm", "uninstall", "second", "--namespace", there)

    def notes(self, release, home, namespaces, helm):
        return self.install(release, home, {**self.NAMESPACED, "watchNamespaces": namespaces}, helm)


class HelmTest(AReleaseTest):
    def test_asks_the_running_operator_and_ends_well_when_its_pod_does(self):
        home = namespace()
        self.install(NAME, home)
        pod = f"{NAME}-test"
        with background("helm", "test", NAME, "--namespace", home, "--timeout", "60s"):
            made = wait_until(lambda: cluster("pod", pod, "--namespace", home), "helm makes the Pod")
            service = cluster("service", NAME, "--namespace", home)
            self.assertEqual(made["spec"]["containers"][0]["args"][:2], ["probe", f"{NAME}.{home}.svc:8080"])
            self.assertEqual(service["spec"]["ports"][0]["port"], 8080)
            # There is no kubelet to do it.
            run("kubectl", "patch", "pod", pod, "--namespace", home, "--subresource=status", "--type=merge",
                "--patch", json.dumps({"status": {"phase": "Succeeded"}}))


class TheNotes(AReleaseTest):
    def test_say_what_is_installed_and_warn(self):
        home = namespace()
        for values, words in [
            ({}, "1. See it start"),
            ({}, "3. Write an object"),
            ({"serviceAccount.annotations": {"eks.amazonaws.com/role-arn": "arn"}}, "2. Write an object"),
            ({}, "It serves all namespaces, under its own AWS identity."),
            ({"watchNamespaces": ["a", "b"]}, "the namespaces a, b"),
            ({"watchNamespaces": ["a", "b"]}, "share the operator's AWS identity"),
            ({"aws.endpointUrl": "http://there:1"}, "Every AWS call goes to http://there:1"),
            ({"rbac.aggregateEdit": True}, "Everybody with the ClusterRole edit"),
            ({"accounts.enabled": True, "accounts.existing.name": "mine"}, "accounts file in ConfigMap mine"),
            ({"watchNamespaces": ["a"], "allowDisableOnDelete": True, "rbac.clusterScoped": True}, "Terminating"),
            ({"observeOnly": True}, "writes nothing to AWS, whatever the objects say"),
            ({"crds.enabled": False}, "must be there already"),
        ]:
            with self.subTest(values, words=words):
                shown = run("helm", "install", "any", CHART, "--namespace", home, "--dry-run=client", *settings(values))
                self.assertIn(words, " ".join(shown.partition("NOTES:")[2].split()))
