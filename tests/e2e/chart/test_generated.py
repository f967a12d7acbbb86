"""What deploy/render makes is current, and the hand-written rest of deploy/ says the same as the chart."""

import json
import pathlib
import re
import runpy
import tempfile
import unittest

from chart import CHART, IMAGE, OLDEST, ROOT, VERSION, key, load, of_kind, run, settings, template

OVERLAYS = {"base": "default", "overlays/one-namespace": "one-namespace",
            "overlays/high-availability": "high-availability", "overlays/disable-on-delete": "disable-on-delete",
            "overlays/observe-only": "observe-only"}
OF_HELM = ("helm.sh/chart", "app.kubernetes.io/managed-by")


def rendered(values):
    """The chart with the values of a file in ci/, less what says that Helm looks after it."""
    name = "cognito-mfa-operator"
    objects = load(run("helm", "template", name, CHART, "--namespace", name, "--skip-tests", "--kube-version", OLDEST,
                       "--set", "crds.keep=false", "--values", CHART / f"ci/{values}-values.yaml"))
    for one in objects:
        one["metadata"]["labels"] = {label: value for label, value in one["metadata"]["labels"].items()
                                     if label not in OF_HELM}
    return {key(one): one for one in objects}


class Generated(unittest.TestCase):
    def test_files_are_current(self):
        with tempfile.TemporaryDirectory() as folder:
            run(ROOT / "deploy/render", folder)
            made = [path for path in pathlib.Path(folder).rglob("*") if path.is_file()]
            self.assertGreater(len(made), 8)
            for path in made:
                ours = ROOT / path.relative_to(folder)
                self.assertEqual(ours.read_text(), path.read_text(), f"{ours} is stale: make generate")

    def test_table_has_every_value(self):
        documented = {name for name, _, _ in runpy.run_path(str(ROOT / "deploy/render"))["documented_values"]()}
        for name in leaves(load((CHART / "values.yaml").read_text())[0]):
            within = {name[:end.start()] for end in re.finditer(r"\.|$", name)}
            self.assertTrue(within & documented, f"{name} has no comment that begins with # --")


def leaves(values, path=""):
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{path}{name}.")
        else:
            yield path + name


class TheVersion(unittest.TestCase):
    def test_of_the_program_is_the_tag_of_the_image(self):
        manifest = (ROOT / "Cargo.toml").read_text()
        self.assertEqual(re.search(r'^version = "(.*)"', manifest, re.M)[1], VERSION)


class TheSchema(unittest.TestCase):
    def test_knows_every_value_and_no_other(self):
        values = load((CHART / "values.yaml").read_text())[0]
        schema = json.loads((CHART / "values.schema.json").read_text())
        # What a parent chart writes into the values of its charts.
        self.assertEqual(set(schema["properties"]) - set(values), {"enabled"})
        self.assertNotIn("additionalProperties", schema["properties"].pop("global"))
        self.closed(schema, {**values, "enabled": True, "global": {}})

    def closed(self, schema, values, place="values"):
        if "properties" not in schema:
            return
        self.assertIs(schema.get("additionalProperties"), False, place)
        self.assertNotIn("required", schema, f"{place}: what is empty means its default")
        for name, value in values.items():
            if name != "global":
                self.assertIn(name, schema["properties"], place)
                self.closed(schema["properties"][name], value if isinstance(value, dict) else {}, f"{place}.{name}")


class Kustomize(unittest.TestCase):
    def test_builds_what_the_chart_renders(self):
        for folder, values in OVERLAYS.items():
            with self.subTest(folder):
                built = {key(one): one for one in load(run("kubectl", "kustomize", ROOT / "deploy/kustomize" / folder))}
                built.pop(("Namespace", "", "cognito-mfa-operator"))
                self.maxDiff = None
                self.assertEqual(built, rendered(values))


class TheSamplesOfValues(unittest.TestCase):
    def test_write_nothing_to_aws(self):
        samples = sorted((ROOT / "deploy/values").glob("*.yaml"))
        self.assertEqual([path.stem for path in samples], ["first-install", "restore"])
        for path in samples:
            with self.subTest(path.stem):
                objects = load(run("helm", "template", "release", CHART, "--values", path, *settings({})))
                [operator] = of_kind(objects, "Deployment")[0]["spec"]["template"]["spec"]["containers"]
                self.assertIn("--observe-only", operator["args"])


class TheCrd(unittest.TestCase):
    def test_of_the_chart_is_the_programs_but_for_its_metadata(self):
        ours = load((ROOT / "crds/userpoolmfaconfigs.yaml").read_text())[0]
        theirs = of_kind(template({}), "CustomResourceDefinition")[0]
        self.assertEqual(theirs["metadata"]["annotations"], {"helm.sh/resource-policy": "keep"})
        self.assertEqual(theirs["spec"], ours["spec"])


class Lint(unittest.TestCase):
    def test_of_both_helms_passes_with_every_file_of_values(self):
        for helm in ("helm", "helm3"):
            for values in sorted((CHART / "ci").glob("*.yaml")):
                with self.subTest(helm, values=values.name):
                    run(helm, "lint", "--strict", CHART, "--values", values)
            run(helm, "lint", "--strict", CHART)


class TheOldestHelm(unittest.TestCase):
    def test_renders_the_same(self):
        for values in ({}, {"replicaCount": 2, "networkPolicy.enabled": True, "watchNamespaces": ["a"]}):
            newest, oldest = template(values), template(values, helm="helm3")
            self.assertEqual({key(one): one for one in newest}, {key(one): one for one in oldest})

    def test_refuses_wrong_values_too(self):
        with self.assertRaisesRegex(Exception, "image.tag"):
            run("helm3", "template", "x", CHART, *settings({**IMAGE, "image.tag": 3}))
