"""The commands of the pages: programs and options that there are."""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import unittest

import awscli.clidriver
import yaml

from pages import ROOT, VARIABLES, blocks, pages, shells, without_documents

CONTROL_PLANE = ROOT / "tests/tools/control-plane/control-plane"
CHART = ROOT / "charts/cognito-mfa-operator"
# The AWS CLI of the tests is version 1, which has no such command.
ONLY_IN_AWS_CLI_2 = ["configure", "export-credentials"]


def commands(program):
    """Every call of the program in a block of shell: the page and the words after it."""
    for page in pages():
        for _, text in shells(page):
            # A pipe, a list, a substitution or a loop's body begins another command.
            for part in re.split(r"\n|[$<]\(|&&|\|\|?|;|\bdo\b", bare(text)):
                words = [word for word in part.strip().rstrip(")").split() if not re.match(r"[A-Z_]+=", word)]
                if words[:1] == [program]:
                    yield page.relative_to(ROOT), words[1:]


def bare(text):
    """Shell on one line a command, without comments and here-documents, and with quoted text emptied: whatever that
    looks like, it is an argument. A substitution in double quotes is kept, because it is a command."""
    text = re.sub(r"(^|\s)#[^\n]*", r"\1", without_documents(text).replace("\\\n", " "))
    return re.sub(r"'[^']*'|\"[^\"$]*\"|\"\$(?!\()[^\"]*\"", "'text'", text)


def documented_values():
    """The --set and --set-string of every helm install and upgrade, as the shell makes them of what stands there."""
    for page in pages():
        for _, text in shells(page):
            for line in re.findall(r"^ *helm (?:install|upgrade) .*", text.replace("\\\n", " "), re.M):
                words = subprocess.run(["bash", "-c", f"{VARIABLES}; printf '%s\\n' {line}"], stdout=subprocess.PIPE,
                                       text=True, check=True).stdout.splitlines()
                pairs = [pair for pair in zip(words, words[1:]) if pair[0] in ("--set", "--set-string")]
                yield page.relative_to(ROOT), [word for pair in pairs for word in pair], ""


def values_written():
    """Every block that is a file of values of the chart, and the values of Flux's release."""
    release = ROOT / "deploy/flux/operator/release.yaml"
    yield release, ["--values", "-"], yaml.safe_dump(yaml.safe_load(release.read_text())["spec"]["values"])
    known = yaml.safe_load((CHART / "values.yaml").read_text())
    for page in pages():
        for text in blocks(page, "yaml"):
            values = yaml.safe_load(text) if "\n---" not in text else None
            if isinstance(values, dict) and all(isinstance(known.get(key), type(value)) for key, value in values.items()):
                yield page.relative_to(ROOT), ["--values", "-"], text


def options(words):
    return [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]


def on_path(name):
    folders = subprocess.run([CONTROL_PLANE, "binaries", name], stdout=subprocess.PIPE, text=True, check=True).stdout
    return shutil.which(name, path=folders.strip())


@functools.cache
def help_of(program, *words):
    """What --help says of a command and of those above it; None where there is no such command."""
    ended = subprocess.run([program, *words, "--help"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                           check=False)
    return ended.stdout if ended.returncode == 0 else None


class Commands(unittest.TestCase):
    def known(self, program, words, common=""):
        """A command is known with its options. Where there are commands below it, the next word may be one."""
        name, shown = words[:1], help_of(program, words[0])
        self.assertIsNotNone(shown, words[0])
        while len(words) > len(name) and re.search(rf"(?m)^  {re.escape(words[len(name)])} ", shown):
            name.append(words[len(name)])
            shown = help_of(program, *name)
        for option in options(words):
            with self.subTest(" ".join(words), option=option):
                self.assertTrue(re.search(rf"(?m)(^|\s){re.escape(option)}[\s,=]", shown + common))

    def test_kubectl_has_every_command_and_option_that_is_documented(self):
        kubectl = os.environ.get("KUBECTL") or on_path("kubectl")
        common = subprocess.run([kubectl, "options"], stdout=subprocess.PIPE, text=True, check=True).stdout
        for _, words in commands("kubectl"):
            if words[0] != "upmfa":
                self.known(kubectl, words[2:] if words[0] == "--namespace" else words, common)

    def test_helm_has_every_command_and_option_that_is_documented(self):
        helm = on_path("helm")
        for _, words in commands("helm"):
            self.known(helm, words)

    def test_the_chart_takes_every_value_that_is_documented(self):
        helm, documented = on_path("helm"), [*documented_values(), *values_written()]
        self.assertGreater(len(documented), 10)
        for place, words, text in documented:
            given = ["--set", "image.repository=registry.example.com/any", *words]
            ended = subprocess.run([helm, "template", "any", CHART, *given], input=text, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True, check=False)
            with self.subTest(place, values=words or text):
                self.assertEqual((ended.returncode, ended.stderr), (0, ""))

    def test_aws_has_every_command_and_option_that_is_documented(self):
        aws, asked = awscli.clidriver.create_clidriver().create_help_command(), 0
        for page, words in commands("aws"):
            if words[:2] == ONLY_IN_AWS_CLI_2:
                continue
            asked += 1
            with self.subTest(page, command=" ".join(words)):
                service = aws.command_table[words[0]].create_help_command()
                arguments = service.command_table[words[1]].arg_table
                known = {f"--{name}" for name in [*arguments, *aws.arg_table]}
                self.assertLessEqual(set(options(words)), known)
                required = {f"--{name}" for name, argument in arguments.items()
                            if argument.required and not argument.positional_arg}
                if "--cli-input-json" not in words:
                    self.assertLessEqual(required, set(options(words)))
        self.assertGreater(asked, 20)

    def test_the_operator_has_every_command_and_option_that_is_documented(self):
        folder = subprocess.run([ROOT / "tests/tools/rust-binaries"], stdout=subprocess.PIPE, text=True, check=True)
        operator = pathlib.Path(folder.stdout.strip()) / "cognito-mfa-operator"
        plugin = [(page, words[1:]) for page, words in commands("kubectl") if words[0] == "upmfa"]
        documented = [*commands("cognito-mfa-operator"), *plugin]
        self.assertGreater(len(documented), 10)
        for _, words in documented:
            self.known(operator, words)


if __name__ == "__main__":
    unittest.main()
