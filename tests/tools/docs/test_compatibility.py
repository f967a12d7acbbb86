"""docs/compatibility.md names the versions that the tests run, and the other pages name the same."""

import re
import unittest

import yaml

from pages import ROOT, pages

PAGE = (ROOT / "docs/compatibility.md").read_text()
ROW = re.compile(r"^\| ([\w -]+) \| ([^|]+) \| ([^|]+) \| ([^|]*)\|$", re.M)
TOOLS = "tests/tools/control-plane/tools"
# What is built: row, folder of the go.mod, module.
BUILT = [
    ("Kubernetes", TOOLS, "k8s.io/kubernetes"),
    ("Helm 4", TOOLS, "helm.sh/helm/v4"),
    ("Helm 3", "tests/e2e/chart/helm3", "helm.sh/helm/v3"),
    ("Argo CD", "tests/e2e/argocd/tools", "github.com/argoproj/argo-cd/v3"),
    ("Prometheus", "tests/e2e/monitoring/tools/promtool", "github.com/prometheus/prometheus"),
    ("kube-state-metrics", "tests/e2e/monitoring/tools/kube-state-metrics", "k8s.io/kube-state-metrics/v2"),
]


def rows():
    """Each row by its name: what it is for, what runs, with which target."""
    return {name: cells for name, *cells in ROW.findall(PAGE)}


def built(folder, module):
    version = re.search(rf"{re.escape(module)} v(\S+)", (ROOT / folder / "go.mod").read_text())[1]
    # Prometheus 3.16.0 is the module v0.316.0.
    return re.sub(r"^0\.(\d)0?(\d+)\.", r"\1.\2.", version) if "prometheus/prometheus" in module else version


def oldest_kubernetes():
    chart = yaml.safe_load((ROOT / "charts/cognito-mfa-operator/Chart.yaml").read_text())
    return re.fullmatch(r">=(\d+\.\d+)\.0-0", chart["kubeVersion"])[1]


class TheTable(unittest.TestCase):
    def test_names_the_versions_that_the_tests_are_built_from(self):
        for name, folder, module in BUILT:
            with self.subTest(name):
                self.assertEqual(re.match(r"[\d.]+", rows()[name][1])[0].rstrip("."), built(folder, module))

    def test_names_the_oldest_kubernetes_that_the_chart_takes_and_the_tests_emulate(self):
        oldest, row = oldest_kubernetes(), rows()["Kubernetes"]
        self.assertEqual(row[0], f"{oldest} or newer")
        self.assertTrue(row[1].endswith(f" as {oldest}"), row)
        for script in ("Makefile", "tests/e2e/chart/run", "tests/e2e/monitoring/run"):
            self.assertIn("run --oldest -- ", (ROOT / script).read_text(), script)

    def test_is_for_no_version_of_helm_below_the_one_that_runs(self):
        for name in ("Helm 3", "Helm 4"):
            first = rows()[name][0].removesuffix(" or newer")
            self.assertTrue(rows()[name][1].startswith(f"{first}."), name)
        self.assertTrue(rows()["Helm 3"][1].startswith(f"{rows()['Helm 3'][0].removesuffix(' or newer')}.0"))

    def test_names_targets_that_there_are(self):
        makefile = (ROOT / "Makefile").read_text()
        for *_, target in rows().values():
            for name in re.findall(r"`make ([\w-]+)`", target):
                self.assertRegex(makefile, rf"(?m)^{name}:")


class OtherPages(unittest.TestCase):
    def test_ask_for_the_same_versions(self):
        found = {}
        for page in pages():
            for name, version in re.findall(r"(Kubernetes|Helm)\s+(\d+\.\d+) or newer", page.read_text()):
                found.setdefault(name, set()).add(version)
        helm = rows()["Helm 3"][0].removesuffix(" or newer")
        self.assertEqual(found, {"Kubernetes": {oldest_kubernetes()}, "Helm": {helm}})


if __name__ == "__main__":
    unittest.main()
