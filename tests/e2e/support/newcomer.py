"""A newcomer who follows a page: the commands of the README's section Install, or of another page, as they stand there."""

import pathlib
import re
import tempfile

import commands
from commands import ROOT

# Other than any that stands in the repository; and --set would make a number of such a tag.
REPOSITORY, TAG = "registry.example.org/mine", "9"
BLOCK = re.compile(r"```bash\n(.*?)```", re.DOTALL)


def section():
    text = (ROOT / "README.md").read_text()
    return re.search(r"^## Install\n(.*?)^## ", text, re.DOTALL | re.MULTILINE)[1]


def ways():
    """The commands of each way to install, by its name."""
    parts = re.split(r"^\*\*(Helm|kubectl|Argo CD)\*\*", section(), flags=re.MULTILINE)[1:]
    return {name: BLOCK.search(text)[1] for name, text in zip(parts[::2], parts[1::2])}


def afterwards():
    """The commands after the installation, whichever way it was made."""
    return BLOCK.findall(section().split("**Argo CD**", 1)[1])[1:]


def under(page, heading):
    """The commands of a page that are below a heading, up to the next one."""
    text = (ROOT / page).read_text()
    part = re.search(rf"^##+ {re.escape(heading)}\n(.*?)(?=^##|\Z)", text, re.DOTALL | re.MULTILINE)[1]
    return BLOCK.findall(part)


def run(*blocks, **variables):
    """Runs them as one script in a clone, in which the variables are the newcomer's own values."""
    script = "\n".join(["set -euo pipefail", *blocks])
    for name, value in {"IMAGE": f"{REPOSITORY}:{TAG}", **variables}.items():
        script = re.sub(rf"^{name}=\S+.*$", "", script, flags=re.MULTILINE)
        script = f"{name}={value}\n{script}"
    with tempfile.TemporaryDirectory() as clone:
        for path in ROOT.iterdir():
            (pathlib.Path(clone) / path.name).symlink_to(path)
        return commands.run("bash", "-xc", script, cwd=clone).stdout
