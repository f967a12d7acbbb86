"""A release of a clone, up to what is uploaded."""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest

import yaml

import clone
from clone import OWNER, ROOT, run

PROGRAM = "cognito-mfa-operator"
DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGE = f"ghcr.io/{OWNER.lower()}/{PROGRAM}"
PLATFORMS = ("darwin_arm64", "linux_amd64", "linux_arm64")
STAND_IN = "registry.example.com/cognito-mfa-operator"
# What the tests below run, and those of test_sbom.py.
COMMANDS = {"archive", "assets", "check", "names", "notes", "sbom"}


def setUpModule():
    global folder, tree, files, version  # pylint: disable=global-variable-undefined
    folder = pathlib.Path(tempfile.mkdtemp(prefix="test-release-"))
    unittest.addModuleCleanup(shutil.rmtree, folder)
    tree, files = clone.make(folder / "clone"), folder / "files"
    files.mkdir()
    version = dict(line.split("=", 1) for line in build("names").splitlines())["VERSION"]
    binary = stripped(folder / PROGRAM)
    licences = folder / "licenses"
    licences.mkdir()
    (licences / "THIRD-PARTY-NOTICES.txt").write_text("test_notices.py makes the real ones\n")
    for platform in PLATFORMS:  # The same program for each: archives do not look into it.
        build("archive", binary, platform, licences, files)
    build("assets", DIGEST, files)


def build(*words, **options):
    return run(tree / "release/build", *words, **options)


def refused(*words, **environment):
    """What the command says when it fails."""
    ended = subprocess.run([tree / "release/build", *words], env={**os.environ, **environment}, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True, check=False)
    return ended.stdout if ended.returncode == 1 else f"it ended with {ended.returncode}: {ended.stdout}"


def stripped(target):
    """The debug build is ten times as large as the release's, and as slow to pack."""
    run("strip", "-o", target, pathlib.Path(os.environ["RUST_BINARIES"]) / PROGRAM)
    return target


def unpacked(platform):
    target = folder / "unpacked" / platform
    with tarfile.open(files / f"{PROGRAM}_{version}_{platform}.tar.gz") as archive:
        archive.extractall(target, filter="data")
    return target / f"{PROGRAM}_{version}_{platform}"


class TheWorkflow(unittest.TestCase):
    def test_makes_the_files_by_the_commands_that_are_tested(self):
        workflow = (ROOT / ".github/workflows/release.yml").read_text()
        self.assertEqual(set(re.findall(r"release/build (\w+)", workflow)), COMMANDS)


class Check(unittest.TestCase):
    def tearDown(self):
        run("git", "checkout", "--quiet", ".", cwd=tree)

    def test_accepts_the_tag_of_a_clone_that_is_ready(self):
        build("check", f"v{version}", env={**os.environ, "GITHUB_REPOSITORY": f"{OWNER}/{PROGRAM}"})

    def test_refuses_another_tag(self):
        self.assertIn(f"Tag v{version}", refused("check", "v9.9.9"))

    def test_refuses_the_placeholder(self):
        clone.write(tree / "release/names.env", lambda text: text.replace(OWNER, "OWNER"))
        self.assertIn("placeholder OWNER", refused("check", f"v{version}"))

    def test_refuses_to_publish_under_the_name_of_another_repository(self):
        self.assertIn("runs in fork/of-it", refused("check", f"v{version}", GITHUB_REPOSITORY="fork/of-it"))

    def test_refuses_entries_that_are_under_no_version(self):
        clone.write(tree / "CHANGELOG.md", lambda text: text.replace("## [Unreleased]\n", "## [Unreleased]\n- new\n"))
        self.assertIn("entries under Unreleased", refused("check", f"v{version}"))

    def test_refuses_a_version_without_a_changelog(self):
        clone.write(tree / "CHANGELOG.md", lambda text: text.replace(f"## [{version}]", "## [9.9.9]"))
        self.assertIn(f"nothing about {version}", refused("check", f"v{version}"))

    def test_refuses_a_chart_of_another_version(self):
        clone.write(tree / "charts/cognito-mfa-operator/Chart.yaml",
                    lambda text: text.replace(f'appVersion: "{version}"', 'appVersion: "9.9.9"'))
        self.assertIn("another appVersion", refused("check", f"v{version}"))


class Files(unittest.TestCase):
    def test_are_those_of_a_release_and_match_their_checksums(self):
        names = {file.name for file in files.iterdir()}
        archives = {f"{PROGRAM}_{version}_{platform}.tar.gz" for platform in PLATFORMS}
        others = {"SHA256SUMS", "crds.yaml", "install.yaml", "upmfa.yaml", f"{PROGRAM}-{version}.tgz"}
        self.assertEqual(names, archives | others)
        run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=files)
        self.assertEqual(len((files / "SHA256SUMS").read_text().splitlines()), len(names) - 1)

    def test_name_no_placeholder(self):
        for name in ("install.yaml", "crds.yaml", "upmfa.yaml"):
            with self.subTest(name):
                self.assertNotRegex((files / name).read_text(), r"\bOWNER\b|registry\.example\.com")

    def test_install_yaml_is_that_of_the_repository_with_the_image_of_the_release(self):
        expected = (ROOT / "deploy/install.yaml").read_text().replace(f"{STAND_IN}:{version}", f"{IMAGE}@{DIGEST}")
        self.assertEqual((files / "install.yaml").read_text(), expected)
        self.assertIn(f"{IMAGE}@{DIGEST}", expected)

    def test_the_crd_is_that_of_the_repository(self):
        self.assertEqual((files / "crds.yaml").read_bytes(), (ROOT / "crds/userpoolmfaconfigs.yaml").read_bytes())


class TheChart(unittest.TestCase):
    def setUp(self):
        self.package = files / f"{PROGRAM}-{version}.tgz"

    def test_installs_the_image_of_the_release_by_its_digest_and_without_values(self):
        rendered = run("helm", "template", "any", self.package)
        images = [line.split()[-1].strip('"') for line in rendered.splitlines() if line.strip().startswith("image:")]
        self.assertEqual(set(images), {f"{IMAGE}@{DIGEST}"})

    def test_says_where_it_comes_from(self):
        about = yaml.safe_load(run("helm", "show", "chart", self.package))
        home = f"https://github.com/{OWNER}/{PROGRAM}"
        self.assertEqual((about["home"], about["sources"], about["version"]), (home, [home], version))
        [image] = yaml.safe_load(about["annotations"]["artifacthub.io/images"])
        self.assertEqual(image["image"], f"{IMAGE}@{DIGEST}")
        branch = f"https://raw.githubusercontent.com/{OWNER}/{PROGRAM}/v{version}/"
        self.assertTrue((ROOT / about["icon"].removeprefix(branch)).is_file(), about["icon"])

    def test_passes_helm_lint_without_a_word(self):
        self.assertIn("0 chart(s) failed", run("helm", "lint", "--strict", self.package))

    def test_asks_nobody_for_an_image(self):
        for shown in ("values", "readme"):
            with self.subTest(shown):
                self.assertNotIn("no image is published", run("helm", "show", shown, self.package))


class AnArchive(unittest.TestCase):
    def test_has_the_program_its_pages_and_the_licences(self):
        content = unpacked("linux_amd64")
        self.assertEqual(run(content / PROGRAM, "--version"), f"{PROGRAM} {version}\n")
        self.assertEqual((content / "LICENSE").read_bytes(), (ROOT / "LICENSE").read_bytes())
        for file in ("licenses/THIRD-PARTY-NOTICES.txt", "completions/_cognito-mfa-operator",
                     "completions/cognito-mfa-operator.fish"):
            with self.subTest(file):
                self.assertTrue((content / file).stat().st_size)

    def test_has_a_manual_page_for_each_command(self):
        content = unpacked("linux_amd64")
        pages = {page.name for page in (content / "man/man1").iterdir()}
        self.assertLessEqual({f"{PROGRAM}.1", f"{PROGRAM}-run.1", f"{PROGRAM}-validate.1"}, pages)
        for page in pages:
            with self.subTest(page):
                self.assertTrue((content / "man/man1" / page).read_text().startswith(".ie"), "not a manual page")

    def test_completes_in_bash(self):
        script = unpacked("linux_amd64") / "completions" / PROGRAM
        asked = f"COMP_WORDS=({PROGRAM} val); COMP_CWORD=1; _cognito__mfa__operator {PROGRAM} val {PROGRAM}"
        self.assertEqual(run("bash", "-c", f'source {script}; {asked}; echo "${{COMPREPLY[@]}}"'), "validate\n")

    def test_has_the_same_bytes_when_it_is_made_again(self):
        again = folder / "again"
        again.mkdir()
        build("archive", folder / PROGRAM, "linux_amd64", folder / "licenses", again)
        name = f"{PROGRAM}_{version}_linux_amd64.tar.gz"
        self.assertEqual((again / name).read_bytes(), (files / name).read_bytes())


class TheKrewManifest(unittest.TestCase):
    def test_names_each_archive_with_its_checksum_and_a_program_in_it(self):
        spec = yaml.safe_load((files / "upmfa.yaml").read_text())["spec"]
        self.assertEqual(spec["version"], f"v{version}")
        found = {}
        for entry in spec["platforms"]:
            labels, archive = entry["selector"]["matchLabels"], entry["uri"].rpartition("/")[2]
            found[f"{labels['os']}_{labels['arch']}"] = archive
            content = (files / archive).read_bytes()
            self.assertEqual(entry["sha256"], hashlib.sha256(content).hexdigest())
            with tarfile.open(files / archive) as packed:
                self.assertTrue(packed.getmember(entry["bin"]).mode & 0o100)
        self.assertEqual(found, {platform: f"{PROGRAM}_{version}_{platform}.tar.gz" for platform in PLATFORMS})

    def test_a_link_as_krew_makes_it_runs_as_the_plugin(self):
        link = folder / "kubectl-upmfa"
        link.symlink_to(unpacked("linux_amd64") / PROGRAM)
        self.assertIn("kubectl upmfa", run(link, "--help"))


class TheNotes(unittest.TestCase):
    def setUp(self):
        self.notes = build("notes", DIGEST)

    def test_are_the_changelog_of_the_version_with_links_that_lead_somewhere(self):
        self.assertIn("- The resource `UserPoolMfaConfig`", self.notes)
        self.assertNotIn("## [", self.notes)
        self.assertNotRegex(self.notes, r"\]\((?!https://)")

    def test_say_how_to_get_what_was_published(self):
        self.assertIn(f"`{IMAGE}@{DIGEST}`", self.notes)
        self.assertIn(f"`oci://ghcr.io/{OWNER.lower()}/charts/{PROGRAM}`, version `{version}`", self.notes)


if __name__ == "__main__":
    unittest.main()
