"""The pages hold together, and say of the program what is in its source."""

import json
import re
import subprocess
import unittest

import yaml

import crd_reference
from pages import FENCE, LANGUAGES, ROOT, anchors, blocks, documents, links, pages, shells, without_documents

SET = re.compile(r"(?:^|[\s({])([A-Z][A-Z_]*)=")
USED = re.compile(r"\$\{?([A-Z][A-Z_]*)")
OF_THE_SHELL = {"HOME", "USER", "PATH", "PWD", "SHELL"}
# An upgrade goes on with the image of the README's section Install.
SET_ELSEWHERE = {"docs/upgrade.md": {"IMAGE"}}
# What commands take a file by. Process substitutions and standard input are none.
FILE = re.compile(r"(?:\s-f |--filename[ =]|--values |--patch-file |file://|--previous )([\w./-]*\w/?)")


def read(*names):
    return "\n".join((ROOT / name).read_text() for name in names)


def variants(enum):
    """The variants of one of the enumerations of reasons."""
    body = re.search(rf"pub enum {enum} {{\n(.*?)\n}}", read("crates/core/src/api/v1alpha1/reason.rs"), re.S)[1]
    return set(re.findall(r"^    (\w+),$", body, re.M))


class Pages(unittest.TestCase):
    def test_every_relative_link_leads_to_a_file_and_to_a_heading_of_it(self):
        for page in pages():
            for link in links(page):
                if re.match(r"https?://|mailto:", link):
                    continue
                name, _, anchor = link.partition("#")
                target = (page.parent / name).resolve() if name else page
                with self.subTest(page.relative_to(ROOT), link=link):
                    self.assertTrue(target.exists(), f"no {target}")
                    if anchor:
                        self.assertIn(anchor, anchors(target))

    def test_every_page_of_docs_is_in_its_index(self):
        index = [link.partition("#")[0] for link in links(ROOT / "docs/README.md")]
        for page in (ROOT / "docs").glob("*.md"):
            with self.subTest(page.name):
                self.assertTrue(page.name == "README.md" or page.name in index)

    def test_every_block_can_be_read_in_its_language(self):
        for page in pages():
            with self.subTest(page.relative_to(ROOT)):
                for text in blocks(page, "yaml"):
                    list(yaml.safe_load_all(text))
                for text in blocks(page, "json"):
                    json.loads(text)
                for _, text in shells(page):
                    subprocess.run(["bash", "-n"], input=text, text=True, check=True)

    def test_every_block_is_shell_data_or_marked_as_output(self):
        for page in pages():
            text = page.read_text()
            languages = [language for _, language, _ in FENCE.findall(text)]
            with self.subTest(page.relative_to(ROOT)):
                self.assertLessEqual(set(languages), LANGUAGES)
                self.assertEqual(len(re.findall(r"^ *```", text, re.M)), 2 * len(languages), "a block is not closed")

    def test_a_mode_is_never_written_as_a_boolean(self):
        for page in pages():
            for text in [*blocks(page, "yaml"), *documents(page)]:
                with self.subTest(page.relative_to(ROOT)):
                    self.assertNotRegex(text, r"mfaConfiguration: *(ON|OFF)\b")


def released_names(shell):
    """The variables that a block takes from the release's names."""
    takes = 'eval "$(release/build names)"' in shell
    return subprocess.check_output([ROOT / "release/build", "names"], text=True) if takes else ""


class Steps(unittest.TestCase):
    """What a reader who copies the blocks of a page one by one has at each of them."""

    def test_every_variable_of_a_command_is_set_on_its_page(self):
        for page in pages():
            name, known = str(page.relative_to(ROOT)), set(OF_THE_SHELL)
            known |= SET_ELSEWHERE.get(name, set())
            for _, shell in shells(page):
                known |= set(SET.findall(shell + released_names(shell)))
                with self.subTest(name, block=shell):
                    self.assertLessEqual(set(USED.findall(shell)), known)

    def test_every_variable_that_a_line_sets_is_used(self):
        for page in pages():
            text = "\n".join(shell for _, shell in shells(page))
            names = {name for line in re.findall(r"^((?:[A-Z_]+=\S+ *)+)(?:#.*)?$", text, re.M) for name in SET.findall(line)}
            with self.subTest(page.relative_to(ROOT)):
                self.assertEqual([name for name in names if len(re.findall(rf"\b{name}\b", text)) == 1], [])

    def test_every_file_of_a_command_is_there_or_named_before(self):
        for page in pages():
            text = page.read_text()
            for start, shell in shells(page):
                for found in FILE.finditer(without_documents(shell)):
                    name = found[1]
                    before = text[:start] + without_documents(shell)[:found.start()]
                    with self.subTest(page.relative_to(ROOT), file=name):
                        self.assertTrue((ROOT / name).exists() or name in before, "nothing says what is in it")


class OfTheProgram(unittest.TestCase):
    def test_every_reason_of_a_failing_lease_is_in_its_table(self):
        source = read("crates/core/src/leader_election/failure.rs")
        body = re.search(r"pub enum LeaseFailure {\n(.*?)\n}", source, re.S)[1]
        reasons = [re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in re.findall(r"^    (\w+),$", body, re.M)]
        section = read("docs/troubleshooting.md").split("\n### Lease failing\n")[1].split("\n### ")[0]
        documented = set(re.findall(r"^\| `(\w+)` \|", section, re.M)) - {"reason"}
        self.assertEqual(documented, set(reasons))

    def test_every_flag_of_run_is_documented_with_its_variable(self):
        page = (ROOT / "docs/configuration.md").read_text()
        flags = read("src/cli/run/mod.rs", "src/cli/run/leader_election.rs")
        fields = re.findall(r'env = "(\w+)".*\n *pub (\w+):', flags)
        self.assertGreater(len(fields), 10)
        for variable, field in fields:
            with self.subTest(field):
                self.assertRegex(page, rf"\| `--{field.replace('_', '-')}\b[^|]*(\\\|[^|]*)?\| `{variable}` \|")

    def test_every_reason_has_a_section_of_troubleshooting_under_its_own_name(self):
        reasons = variants("Reason")
        self.assertGreater(len(reasons), 20)
        headings = anchors(ROOT / "docs/troubleshooting.md")
        self.assertEqual(sorted(reason for reason in reasons if reason.lower() not in headings), [])

    def test_every_event_is_documented(self):
        page = (ROOT / "docs/behaviour.md").read_text()
        for event in variants("EventReason"):
            with self.subTest(event):
                self.assertIn(f"`{event}`", page)

    def test_the_reference_of_the_resource_is_made_from_the_crd_as_it_is(self):
        self.assertEqual((ROOT / "docs/crd-reference.md").read_text(), crd_reference.page(),
                         "run `make generate`")


if __name__ == "__main__":
    unittest.main()
