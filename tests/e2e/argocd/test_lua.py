"""The health check and the action of UserPoolMfaConfig, by the tables beside them, as Argo CD itself evaluates them.

The tables have the form of Argo CD's own resource_customizations, so that the folder could be put there as it is.
"""

import concurrent.futures
import os
import pathlib
import re
import unittest

import yaml

from commands import run

DEPLOY = pathlib.Path(__file__).resolve().parents[3] / "deploy/argocd"
LUA = DEPLOY / "resource_customizations/cognito.mfaoperator.dev/UserPoolMfaConfig"
CONFIG_MAP = DEPLOY / "argocd-cm.yaml"
REQUESTED = "cognito.mfaoperator.dev/reconcile-requested-at"
NO_TIME = "0001-01-01T00:00:00Z"


def ask(command, path, *more):
    """What `argocd admin settings resource-overrides` says of an object."""
    return run("argocd", "admin", "settings", "resource-overrides", command, path, *more, "--argocd-cm-path", CONFIG_MAP,
               env={**os.environ, "KUBECONFIG": os.devnull}).stdout


def table(path, key):
    return yaml.safe_load((LUA / path).read_text())[key]


class TheHealthCheck(unittest.TestCase):
    def test_says_of_each_object_what_the_table_says(self):
        tests = table("health_test.yaml", "tests")
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            answers = list(pool.map(lambda test: ask("health", LUA / test["inputPath"]), tests))
        for test, answer in zip(tests, answers):
            with self.subTest(test["inputPath"]):
                wanted = test["healthStatus"]
                self.assertEqual(answer, f"STATUS: {wanted['status']}\nMESSAGE: {wanted['message']}\n")

    def test_has_a_row_for_each_object_beside_it(self):
        named = sorted(test["inputPath"] for test in table("health_test.yaml", "tests"))
        self.assertEqual(named, sorted(f"testdata/{path.name}" for path in (LUA / "testdata").iterdir()))


class TheActions(unittest.TestCase):
    def test_are_offered_as_the_table_says(self):
        for test in table("actions/action_test.yaml", "discoveryTests"):
            with self.subTest(test["inputPath"]):
                offered = [line.split() for line in
                           ask("list-actions", LUA / "actions" / test["inputPath"]).splitlines()[1:]]
                wanted = [[action["name"], str(action["disabled"]).lower()] for action in test["result"]]
                self.assertEqual(offered, wanted)

    def test_change_just_what_the_table_says(self):
        for test in table("actions/action_test.yaml", "actionTests"):
            with self.subTest(test["inputPath"]):
                before, after = (yaml.safe_load((LUA / "actions" / test[key]).read_text())
                                 for key in ("inputPath", "expectedOutputPath"))
                shown = ask("run-action", LUA / "actions" / test["inputPath"], test["action"])
                self.assertEqual(changed(shown), lines_of(after) - lines_of(before), shown)


def changed(shown):
    """The lines that the action has added or changed, in `diff`'s form, with no time in the annotation."""
    times = re.sub(rf"({REQUESTED}: )\"[\d-]+T[\d:]+Z\"", rf"\1'{NO_TIME}'", shown)
    return {line[2:].strip() for line in times.splitlines() if line.startswith("> ")}


def lines_of(obj):
    return {line.strip() for line in yaml.safe_dump(obj, default_flow_style=False).splitlines()}
