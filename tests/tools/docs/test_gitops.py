"""The files that the commands of docs/flux.md and docs/argocd.md write have the reader's own values."""

import pathlib
import subprocess
import tempfile
import unittest

import yaml

from pages import ROOT, under, with_own_values

FLUX, ARGO_CD = ROOT / "docs/flux.md", ROOT / "docs/argocd.md"
# A namespace is written without asking a cluster; the rest of kubectl's commands, and git, do nothing here.
PROGRAMS = "kubectl() { [ $2 != namespace ] || echo '{kind: Namespace, metadata: {name: team-a}}'; }"

OWN = {"REPOSITORY": "https://git.example.org/own.git", "POOLS": "https://git.example.org/pools.git",
       "IMAGE": "registry.example.org/own:9", "ROLE": "arn:aws-us-gov:iam::210987654321:role/own",
       "POOL": "us-gov-west-1_Own"}


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.clone = self.folder / "clone"
        self.clone.mkdir()
        (self.clone / "deploy").symlink_to(ROOT / "deploy")

    def follow(self, page, *headings):
        steps = [block for heading in headings for block in under(page, heading)]
        script = with_own_values("\n".join(["set -euo pipefail", PROGRAMS, *steps]), OWN)
        subprocess.run(["bash", "-c", script], cwd=self.clone, check=True)

    def written(self, name):
        return yaml.safe_load((self.folder / name).read_text())

    def test_flux_installs_the_readers_image_from_the_readers_repository(self):
        self.follow(FLUX, "1. Copy the files", "2. Add an object that only reports")
        image = self.written("fleet/cognito-mfa-operator/release.yaml")["spec"]["values"]["image"]
        self.assertEqual(image, {"repository": "registry.example.org/own", "tag": "9"})
        source = self.written("fleet/cognito-mfa-operator/source.yaml")["spec"]
        self.assertEqual(source["url"], OWN["REPOSITORY"])
        self.assertEqual(self.written("fleet/user-pools/audited.yaml")["spec"]["userPoolId"], OWN["POOL"])

    def test_flux_reads_the_folders_that_the_commands_fill(self):
        self.follow(FLUX, "1. Copy the files", "2. Add an object that only reports")
        for name in ("cognito-mfa-operator", "user-pools"):
            kustomization = self.written(f"fleet/clusters/production/{name}.yaml")
            path = self.folder / "fleet" / kustomization["spec"]["path"]
            with self.subTest(name):
                self.assertEqual(kustomization["kind"], "Kustomization")
                self.assertTrue(list(path.glob("*.yaml")))

    def test_argo_cd_gets_the_readers_repositories_image_and_role(self):
        self.follow(ARGO_CD, "What you need", "2. Install the operator", "3. Add the objects")
        operator = self.written("clone/application-operator.yaml")["spec"]["source"]
        values = operator["helm"]["valuesObject"]
        self.assertEqual(operator["repoURL"], OWN["REPOSITORY"])
        self.assertEqual(values["image"], {"repository": "registry.example.org/own", "tag": "9"})
        self.assertEqual(values["serviceAccount"]["annotations"], {"eks.amazonaws.com/role-arn": OWN["ROLE"]})
        self.assertEqual(self.written("clone/application-pools.yaml")["spec"]["source"]["repoURL"], OWN["POOLS"])


if __name__ == "__main__":
    unittest.main()
