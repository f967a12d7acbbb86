"""A clone of the work tree, made ready for a release as docs/release.md has it."""

import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
OWNER = "Some-Owner"
UNRELEASED = re.compile(r"^## \[Unreleased\]\n(.*?)(?=^## )", re.M | re.S)


def make(folder):
    run("git", "clone", "--quiet", "--shared", ROOT, folder)
    copy_changes(folder)
    write(folder / "release/names.env", lambda text: text.replace("OWNER=OWNER", f"OWNER={OWNER}"))
    write(folder / "CHANGELOG.md", move_unreleased)
    commit(folder)
    return folder


def copy_changes(folder):
    """What is not committed yet is tested, too."""
    for name in run("git", "ls-files", "-z", "--modified", "--others", "--exclude-standard", cwd=ROOT).split("\0"):
        source, target = ROOT / name, folder / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
        elif name:
            target.unlink(missing_ok=True)
    run("git", "add", "--all", cwd=folder)


def move_unreleased(changelog):
    """What is under Unreleased becomes part of the newest version."""
    found = UNRELEASED.search(changelog)
    rest = changelog[found.end():]
    heading, _, section = rest.partition("\n")
    return f"{changelog[:found.start()]}## [Unreleased]\n\n{heading}\n{section}".rstrip() + f"\n{found[1].rstrip()}\n"


def write(file, change):
    text = file.read_text()
    file.write_text(change(text))


def commit(folder):
    person = {"user.name": "nobody", "user.email": "nobody@example.com"}
    settings = [word for key, value in person.items() for word in ("-c", f"{key}={value}")]
    run("git", *settings, "commit", "--quiet", "--all", "--message", "Prepare a release", cwd=folder)


def run(*command, **options):
    words = [str(word) for word in command]
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True, **options).stdout
