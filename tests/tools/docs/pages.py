"""The repository's Markdown: its pages, their headings, links and blocks."""

import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]
FENCE = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```$", re.M | re.S)
LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#+ +(.*?) *$", re.M)


def pages():
    """Every page that git knows or would take."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    names = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def prose(page):
    """A page without its blocks and spans of code: what looks like a link or heading in there is none."""
    return re.sub(r"`[^`\n]*`", "`code`", FENCE.sub("", page.read_text()))


def links(page):
    return LINK.findall(prose(page))


def anchors(page):
    """The anchors that GitHub gives a page's headings."""
    found = []
    for heading in HEADING.findall(FENCE.sub("", page.read_text())):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        again = found.count(anchor)
        found.append(f"{anchor}-{again}" if again else anchor)
    return found


def blocks(page, *languages):
    """The blocks in one of the languages, without the indentation of the list that they are in."""
    for indent, language, text in FENCE.findall(page.read_text()):
        if language in languages:
            yield re.sub(rf"^{indent}", "", text, flags=re.M)
