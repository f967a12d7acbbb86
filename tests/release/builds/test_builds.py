"""The binaries that a release publishes, and its files made of them. `make test-release-builds` builds them."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest
import urllib.request

import clone
from clone import ROOT, run

PROGRAM = "cognito-mfa-operator"
BUILDS = pathlib.Path(os.environ["BUILDS"])
QEMU = "qemu-aarch64-static"
POOL = "eu-west-1_AbCdEf123"
SAMPLE = ROOT / "deploy/samples/totp.yaml"


def program(architecture):
    return BUILDS / architecture / "root" / PROGRAM


class TheIndex(unittest.TestCase):
    def test_has_an_image_for_each_architecture_with_the_same_settings(self):
        found = {}
        for entry in manifest(digest())["manifests"]:
            config = manifest(manifest(entry["digest"])["config"]["digest"])
            self.assertEqual(entry["platform"]["architecture"], config["architecture"])
            found[config["architecture"]] = {key: config["config"][key] for key in ("User", "Entrypoint", "Cmd", "Env")}
        self.assertEqual(set(found), {"amd64", "arm64"})
        self.assertEqual(found["amd64"], found["arm64"])

    def test_images_have_the_same_files(self):
        def names(architecture):
            root = BUILDS / architecture / "root"
            return {str(path.relative_to(root)) for path in root.rglob("*")}
        self.assertEqual(names("amd64"), names("arm64"))


class ForArm64(unittest.TestCase):
    """The program of the other architecture, emulated."""

    def test_needs_no_loader_and_no_library(self):
        shown = run("readelf", "--file-header", "--program-headers", "--wide", program("arm64"))
        self.assertRegex(shown, r"Machine: +AArch64")
        self.assertNotIn("INTERP", shown)
        self.assertRegex(run(QEMU, program("arm64"), "--version"), rf"^{PROGRAM} \d")

    def test_validates_the_samples(self):
        samples = sorted((ROOT / "deploy/samples").glob("*.yaml"))
        self.assertIn(f"{len(samples)} valid", run(QEMU, program("arm64"), "validate", *samples))

    def test_writes_a_pool(self):
        cognito = self.start_cognito()
        environment = {"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": cognito, "AWS_ACCESS_KEY_ID": "test",
                       "AWS_SECRET_ACCESS_KEY": "test", "HOME": str(BUILDS)}
        text = re.sub(r"userPoolId: \S+", f"userPoolId: {POOL}", SAMPLE.read_text())
        run(QEMU, program("arm64"), "apply", "-", input=text, env=environment)
        self.assertEqual(ask(f"{cognito}/_admin/pools/{POOL}")["live"]["MfaConfiguration"], "ON")

    def start_cognito(self):
        emulator = pathlib.Path(os.environ["RUST_BINARIES"]) / "cognito-emulator"
        process = subprocess.Popen([emulator], stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        address = f"http://{process.stdout.readline().strip()}"
        ask(f"{address}/_admin/pools/{POOL}", method="PUT", data=b"{}")
        return address


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="test-builds-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.files = cls.folder / "files"
        cls.files.mkdir()
        build = clone.make(cls.folder / "clone") / "release/build"
        licences = BUILDS / "amd64/root/licenses"
        for architecture in ("amd64", "arm64"):
            run(build, "archive", program(architecture), f"linux_{architecture}", licences, cls.files,
                "--pages-by", program("amd64"))
            run(build, "sbom", program(architecture), licences, cls.files / f"{architecture}.cdx.json")
        run(build, "assets", digest(), cls.files)

    def test_archives_have_the_programs_of_the_images(self):
        for architecture in ("amd64", "arm64"):
            [archive] = self.files.glob(f"*_linux_{architecture}.tar.gz")
            with self.subTest(architecture), tarfile.open(archive) as packed:
                member = f"{archive.name.removesuffix('.tar.gz')}/{PROGRAM}"
                self.assertEqual(packed.extractfile(member).read(), program(architecture).read_bytes())

    def test_the_chart_installs_the_index(self):
        [package] = self.files.glob("*.tgz")
        self.assertIn(f"@{digest()}\"", run("helm", "template", "any", package))

    def test_bills_of_materials_have_the_crates_and_the_c_library(self):
        for architecture in ("amd64", "arm64"):
            bill = json.loads((self.files / f"{architecture}.cdx.json").read_text())
            names = {component["name"] for component in bill["components"]}
            with self.subTest(architecture):
                self.assertLessEqual({"glibc", "gcc-12", "kube-client", "rustls"}, names)


def digest():
    [entry] = json.loads((BUILDS / "index/index.json").read_text())["manifests"]
    return entry["digest"]


def manifest(of):
    return json.loads((BUILDS / "index/blobs/sha256" / of.removeprefix("sha256:")).read_text())


def ask(url, **options):
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(urllib.request.Request(url, **options), timeout=30) as answer:
        return json.loads(answer.read() or b"{}")


if __name__ == "__main__":
    unittest.main()
