"""Where releases are published is in release/names.env alone, and the version is the same everywhere."""

import re
import unittest

from clone import ROOT, run

NAMES = "release/names.env"
# Names of an account or a registry that somebody has to put in. The words of names.env are read as variables.
PLACEHOLDER = re.compile(
    r"(?<!\$)(?<!\$\{)\bOWNER\b|\b(?:CHANGEME|REPLACE_ME|YOUR[_-][A-Z]+)\b|<(?:owner|org|organi[sz]ation|registry)>")
# The project's own address, whoever owns it.
ADDRESS = re.compile(r"(?:github\.com|ghcr\.io|docker\.io|quay\.io)/[\w.-]+/(?:charts/)?cognito-mfa-operator")
# An image of ours with a tag. The stand-in of the pages is registry.example.com, which nobody can own.
IMAGE = re.compile(r"([\w.-]+\.[a-z]+)/cognito-mfa-operator:(\d+\.\d+\.\d+)")


def files():
    """Every file of text that git knows or would take, but these tests and what lists the names."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).split("\0")
    for name in sorted(filter(None, listed)):
        if name == NAMES or name.startswith(("release/", "tests/release/")) or not (ROOT / name).is_file():
            continue
        content = (ROOT / name).read_bytes()
        if b"\0" not in content:
            yield name, content.decode()


def version():
    return re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(), re.M)[1]


class Names(unittest.TestCase):
    def test_no_file_has_a_placeholder_of_its_own(self):
        found = [f"{name}: {match[0]}" for name, text in files() for match in PLACEHOLDER.finditer(text)]
        self.assertEqual(found, [], f"write the name in {NAMES} and read it there")

    def test_no_file_names_a_place_where_releases_are(self):
        found = [f"{name}: {match[0]}" for name, text in files() for match in ADDRESS.finditer(text)]
        self.assertEqual(found, [], f"write the name in {NAMES} and read it there")

    def test_each_image_in_a_page_is_of_the_registry_that_is_an_example_and_of_this_version(self):
        found = {match.groups() for _, text in files() for match in IMAGE.finditer(text)}
        self.assertEqual(found, {("registry.example.com", version())})


class TheVersion(unittest.TestCase):
    def test_is_the_same_in_the_image_and_in_the_chart(self):
        self.assertIn(f"\nARG VERSION={version()}\n", (ROOT / "Dockerfile").read_text())
        chart = (ROOT / "charts/cognito-mfa-operator/Chart.yaml").read_text()
        self.assertIn(f"\nversion: {version()}\n", chart)
        self.assertIn(f'\nappVersion: "{version()}"\n', chart)


if __name__ == "__main__":
    unittest.main()
