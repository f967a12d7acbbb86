"""A git repository on this machine that Argo CD reads."""

import os
import pathlib
import shutil

import yaml

from commands import run

SETTINGS = {
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Test", "GIT_AUTHOR_EMAIL": "test@example.com",
    "GIT_COMMITTER_NAME": "Test", "GIT_COMMITTER_EMAIL": "test@example.com",
}


class Repository:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.url = f"file://{self.folder}"
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments):
        return run("git", *arguments, cwd=self.folder, env={**os.environ, **SETTINGS}).stdout.strip()

    def copy(self, source, target):
        shutil.copytree(source, self.folder / target)
        return self.push()

    def write(self, **files):
        """Puts objects, or lists of them, into files of the folder `pools`; None takes a file away."""
        for name, objects in files.items():
            file = self.folder / f"pools/{name}.yaml"
            file.parent.mkdir(exist_ok=True)
            if objects is None:
                file.unlink()
            else:
                file.write_text(objects if isinstance(objects, str) else yaml.safe_dump_all(listed(objects)))
        return self.push()

    def push(self):
        """The new commit's id."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=a change")
        return self.git("rev-parse", "HEAD")


def listed(objects):
    return objects if isinstance(objects, list) else [objects]
