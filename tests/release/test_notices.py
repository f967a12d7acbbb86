"""The licences of what is in the binary: of each crate, with its holder's name."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from clone import ROOT, run

PROGRAM = "cognito-mfa-operator"
TARGETS = ("x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "x86_64-apple-darwin", "aarch64-apple-darwin")
ENTRY = re.compile(r"^-{80}\n([^\n]+)\nUsed by:\n((?:  [^\n]+\n)+)\n(.*?)(?=^-{80}\n[^\n]+\nUsed by:|\Z)", re.M | re.S)
# What stands in the text of a licence where a name belongs.
NO_HOLDER = re.compile(r"<year>|<copyright holders>|<owner>")
# A line of `cargo tree` about a crate of others: ours end with their path.
LINKED = re.compile(r"^(\S+) v(\S+)(?: \(proc-macro\))?(?: \(\*\))?$", re.M)
LICENCE = re.compile(r"(?i)licen[cs]e|copying|unlicense")


def setUpModule():
    global notices  # pylint: disable=global-variable-undefined
    folder = pathlib.Path(tempfile.mkdtemp(prefix="test-notices-"))
    unittest.addModuleCleanup(shutil.rmtree, folder)
    run(ROOT / "release/notices", folder)
    notices = (folder / "THIRD-PARTY-NOTICES.txt").read_text()


def entries():
    """Each licence: its name, the crates under it, its text."""
    for name, crates, text in ENTRY.findall(notices):
        yield name, re.findall(r"^  (\S+ [^\s,]+)", crates, re.M), text


def linked(target):
    """The crates of others in the program for a target, as name and version."""
    tree = run("cargo", "tree", "--locked", "--package", PROGRAM, "--edges", "normal", "--target", target,
               "--prefix", "none", "--format", "{p}", cwd=ROOT)
    return {f"{name} {version}" for name, version in LINKED.findall(tree)}


def folders():
    """Where the source of each crate is."""
    described = json.loads(run("cargo", "metadata", "--locked", "--format-version", "1", cwd=ROOT))
    return {f"{package['name']} {package['version']}": pathlib.Path(package["manifest_path"]).parent
            for package in described["packages"]}


class Notices(unittest.TestCase):
    def test_have_each_crate_of_each_platform(self):
        written = {crate for _, crates, _ in entries() for crate in crates}
        for target in TARGETS:
            with self.subTest(target):
                crates = linked(target)
                self.assertGreater(len(crates), 200)
                self.assertEqual(crates - written, set())

    def test_name_the_holder_unless_the_crate_has_no_file_that_does(self):
        where = folders()
        for licence, crates, text in entries():
            for crate in crates if NO_HOLDER.search(text) else ():
                with self.subTest(licence, crate=crate):
                    self.assertEqual([file.name for file in where[crate].iterdir() if LICENCE.search(file.name)], [],
                                     "clarify it in release/about.toml")

    def test_leave_out_no_notice_that_the_apache_licence_wants_handed_on(self):
        where = folders()
        for crate in linked(TARGETS[0]):
            for file in where[crate].glob("NOTICE*"):
                with self.subTest(crate):
                    self.assertIn(file.read_text().strip(), notices)


class Versions(unittest.TestCase):
    def test_of_cargos_programs_are_the_same_in_the_image(self):
        dockerfile = (ROOT / "Dockerfile").read_text()
        for name in ("cargo-about", "cargo-auditable"):
            version = re.search(rf"{name}\) version=(\S+) ", (ROOT / "tests/tools/cargo-program").read_text())[1]
            with self.subTest(name):
                self.assertIn(f" {name}@{version}", dockerfile)


if __name__ == "__main__":
    unittest.main()
