"""The chart against the program's own flags, read from their source."""

import re
import unittest

from chart import ROOT, load, look, of_kind, template
from knobs import ENTRY, OPERATOR

# Not in the arguments: the Pod's own namespace is the default, and it is where the chart grants the Lease.
NOT_GIVEN = {"--leader-election-namespace"}
EVERYTHING = {"watchNamespaces": ["team-a"], "accounts.enabled": True, "accounts.entries": [ENTRY],
              "tolerateSettings": ["A"], "observeOnly": True, "allowDisableOnDelete": True,
              "rbac.clusterScoped": True, "references.ack": True}
# Where the chart's default is another: Pods log for programs, and Leases of two releases must differ.
OTHER_DEFAULTS = {"--log-format": "json", "--leader-election-name": "release-cognito-mfa-operator"}


def flags():
    """Each flag of `run` and its default, as clap's attributes have them."""
    source = "".join((ROOT / f"src/cli/run/{name}.rs").read_text() for name in ("mod", "leader_election"))
    declared = re.findall(r"#\[arg\(long, (.*?)\)\]\s+pub (\w+):", source, re.S)
    default = re.compile(r'default_value(?:_t)? = "?([^",)]+)')
    named = {"--" + field.replace("_", "-"): default.search(attributes) for attributes, field in declared}
    return {flag: of and of[1].replace("LogFormat::Text", "text") for flag, of in named.items()}


def given(values):
    deployment = of_kind(template(values), "Deployment")[0]
    command, *arguments = look(deployment, f"{OPERATOR}.args".split("."))
    assert command == "run"
    return dict(argument.partition("=")[::2] for argument in arguments)


class Flags(unittest.TestCase):
    def test_of_the_program_are_all_given(self):
        self.assertEqual(set(given(EVERYTHING)) | NOT_GIVEN, set(flags()))

    def test_have_the_defaults_of_the_program(self):
        known = flags()
        for flag, value in given({}).items():
            with self.subTest(flag):
                self.assertEqual(value, OTHER_DEFAULTS.get(flag, known[flag] or ""))


class TheLog(unittest.TestCase):
    def test_has_the_filter_that_is_the_default_of_the_program_and_is_documented(self):
        [default] = re.findall(r'DEFAULT_FILTER: &str = "(.+)"', (ROOT / "src/ops/logs.rs").read_text())
        operator = of_kind(template({}), "Deployment")[0]["spec"]["template"]["spec"]["containers"][0]
        self.assertIn({"name": "RUST_LOG", "value": default}, operator["env"])
        self.assertIn(f"`RUST_LOG` is `{default}` when it is not set", (ROOT / "docs/configuration.md").read_text())


class TheAccountsFile(unittest.TestCase):
    def test_has_the_entries_and_is_mounted_as_a_folder(self):
        objects = template({"accounts.enabled": True, "accounts.entries": [ENTRY]})
        content = of_kind(objects, "ConfigMap")[0]["data"]["accounts.yaml"]
        self.assertEqual(load(content), [{"accounts": [ENTRY]}])
        mount = look(of_kind(objects, "Deployment")[0], f"{OPERATOR}.volumeMounts.0".split("."))
        self.assertEqual(mount, {"name": "accounts", "mountPath": "/etc/cognito-mfa-operator", "readOnly": True})

    def test_starts_no_new_pod_when_it_changes(self):
        pods = [of_kind(template({"accounts.enabled": True, "accounts.entries": [{**ENTRY, "userPools": [pool]}]}),
                        "Deployment")[0]["spec"]["template"] for pool in ("a", "b")]
        self.assertEqual(*pods)
