"""What the repository says of itself: its names, version and changelog."""

import os
import pathlib
import re
import string
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHART = pathlib.Path("charts/cognito-mfa-operator")
NAME = "cognito-mfa-operator"
PLACEHOLDER = "OWNER"
# The parts of a changelog's section, and the links at its end.
SECTION = re.compile(r"^## \[([^\]]+)\][^\n]*\n(.*?)(?=^## |\Z)", re.M | re.S)


class Refused(Exception):
    """Why there can be no release, in sentences for the person who wants one."""


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def names():
    """The variables of names.env."""
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", read("release/names.env"), re.M))


def image():
    """The image's name. Registries take lower case alone."""
    known = names()
    return f"{known['REGISTRY']}/{known['OWNER']}/{known['REPOSITORY']}".lower()


def charts():
    """Where charts are, without the chart's own name, which Helm adds."""
    known = names()
    return f"{known['REGISTRY']}/{known['OWNER']}/charts".lower()


def address():
    known = names()
    return f"https://github.com/{known['OWNER']}/{known['REPOSITORY']}"


def version():
    return re.search(r'^\[workspace\.package\]\nversion = "(.+)"$', read("Cargo.toml"), re.M)[1]


def commit_time():
    """Seconds: the time of everything in an archive, so that the same commit gives the same bytes."""
    shown = subprocess.run(["git", "show", "--no-patch", "--format=%ct", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE,
                           text=True, check=True).stdout
    return int(shown)


def sections():
    """The changelog: the text of each version, without headings that have nothing below them."""
    return {name: text.strip() for name, text in SECTION.findall(read("CHANGELOG.md"))}


def notes(digest):
    """The changelog of this version, and how to get it."""
    found = sections().get(version())
    if not found:
        raise Refused(f"CHANGELOG.md has nothing about {version()}. Write its section, ## [{version()}].")
    home = f"{address()}/blob/v{version()}"
    return f"""{absolute_links(found, home)}

### Install
- Chart: `oci://{charts()}/{NAME}`, version `{version()}`
- Image: `{image()}@{digest}`
- Without Helm: `install.yaml` below, which names the image by the same digest

[How to verify them]({home}/SECURITY.md#verify-a-release)
"""


def absolute_links(text, home):
    """Links into the repository lead nowhere from the page of a release."""
    return re.sub(r"\]\((?!https?:|#)([^)\s]+)\)", rf"]({home}/\1)", text)


def check(tag):
    """Raises Refused with all that is missing for a release under this tag."""
    missing = [*wrong_names(), *wrong_versions(tag), *wrong_changelog()]
    if missing:
        raise Refused("\n".join(missing))


def wrong_names():
    known = names()
    if known["OWNER"] == PLACEHOLDER:
        yield "release/names.env has the placeholder OWNER. Write the account that publishes the releases."
    published = f"{known['OWNER']}/{known['REPOSITORY']}"
    running = os.environ.get("GITHUB_REPOSITORY", published)
    if running.lower() != published.lower():
        yield f"This workflow runs in {running}, and release/names.env says {published}. Only one of them can publish."


def wrong_versions(tag):
    if tag != f"v{version()}":
        yield f"The tag is {tag}, and Cargo.toml has the version {version()}. Tag v{version()}, or change Cargo.toml."
    chart = read(CHART / "Chart.yaml")
    for key in ("version", "appVersion"):
        if re.search(rf'^{key}: "?([^"\n]+)"?$', chart, re.M)[1] != version():
            yield f"{CHART}/Chart.yaml has another {key} than {version()}, which is in Cargo.toml."


def wrong_changelog():
    if sections().get("Unreleased"):
        yield f"CHANGELOG.md has entries under Unreleased. Move them to the section of {version()}."
    if not sections().get(version()):
        yield f"CHANGELOG.md has nothing about {version()}. Write its section, ## [{version()}]."


def filled(file):
    """A file's text with the values of names.env in place of $OWNER and the like."""
    return string.Template(file.read_text(encoding="utf-8")).substitute(names())
