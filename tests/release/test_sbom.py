"""The bill of materials: what cargo-auditable has written into a program, and Debian's packages."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import zlib

from clone import ROOT

CRATES = {"packages": [
    {"name": "cognito-mfa-operator", "version": "1.2.3", "source": "local", "root": True},
    {"name": "kube", "version": "5.0.0", "source": "crates.io"},
    {"name": "cc", "version": "1.0.0", "source": "crates.io", "kind": "build"},
]}


class Sbom(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="test-sbom-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "debian-glibc.txt").write_text("glibc 2.36-9+deb12u14, from Debian's package libc6-dev.\n")

    def write(self, program):
        command = [ROOT / "release/build", "sbom", program, self.folder, self.folder / "sbom.json"]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)

    def test_lists_crates_that_are_linked_and_packages_of_debian(self):
        (self.folder / "crates").write_bytes(zlib.compress(json.dumps(CRATES).encode()))
        program, section = self.folder / "program", f".dep-v0={self.folder / 'crates'}"
        subprocess.run(["objcopy", "--add-section", section, shutil.which("true"), program], check=True)
        self.assertEqual(self.write(program).returncode, 0)
        sbom = json.loads((self.folder / "sbom.json").read_text())
        glibc = "pkg:deb/debian/glibc@2.36-9%2Bdeb12u14?arch=source&distro=debian-12"
        self.assertEqual([component["purl"] for component in sbom["components"]], ["pkg:cargo/kube@5.0.0", glibc])

    def test_is_not_made_of_a_program_without_a_list_of_its_crates(self):
        ended = self.write(shutil.which("true"))
        self.assertEqual(ended.returncode, 1)
        self.assertIn("Build it with cargo-auditable", ended.stdout)


if __name__ == "__main__":
    unittest.main()
