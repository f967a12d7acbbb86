"""The repository's Markdown: its pages, their headings, links and blocks."""

import pathlib
import re
import subprocess

# What a block may be. One without a name is shell, too: only `text` and `console` are allowed to show output.
SHELL = ("bash", "sh", "")
LANGUAGES = {*SHELL, "console", "text", "yaml", "json", "hcl", "rust", "mermaid"}
# Values for the variables that the pages' commands set.
VARIABLES = ("IMAGE=registry.example.com/any:9 ACCOUNT=123456789012 PARTITION=aws HOST=172.18.0.1 CLUSTER=any "
             "POOL=eu-west-1_AbCdEf123")
ROOT = pathlib.Path(__file__).resolve().parents[3]
FENCE = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```$", re.M | re.S)
LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
HEREDOC = re.compile(r"<<(?P<word>'?(?P<end>\w+)'?)[^\n]*\n(?P<body>.*?)^(?P=end)\n", re.S | re.M)
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


def shells(page):
    """The shell of each block that has some, with the place in the page at which the block begins. In a block of
    `console` that is what follows a prompt, up to a line that does not go on."""
    text = page.read_text()
    for found in FENCE.finditer(text):
        indent, language, block = found.groups()
        block = re.sub(rf"^{indent}", "", block, flags=re.M)
        if language == "console":
            block = "\n".join(re.findall(r"^\$ (.*(?:[\\|]\n.*)*)", block, re.M))
        if language in (*SHELL, "console"):
            yield found.start(), block


def under(page, heading):
    """The shell of the blocks below a heading, up to the next one."""
    text = page.read_text()
    start = text.index(f"# {heading}\n")
    end = next((found.start() for found in HEADING.finditer(text, start + len(heading))), len(text))
    return [shell for place, shell in shells(page) if start < place < end]


def with_own_values(script, values):
    """A script of a page in which the variables have the reader's own values."""
    for name, value in values.items():
        script = re.sub(rf"^((?:export )?{name})=\S+", rf"\1={value}", script, flags=re.M)
    return script


def without_documents(shell):
    """Shell without the bodies of its here-documents."""
    return HEREDOC.sub("", shell)


def documents(page):
    """The here-documents of a page, as the shell writes them."""
    for _, shell in shells(page):
        for found in HEREDOC.finditer(shell):
            script = f"{VARIABLES}; cat <<{found['word']}\n{found['body']}{found['end']}\n"
            yield subprocess.run(["bash", "-c", script], stdout=subprocess.PIPE, text=True, check=True).stdout
