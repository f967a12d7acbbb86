"""The rights in deploy/iam/acceptance-policy.json are those that the suite uses, on pools with its mark alone."""

import fnmatch
import json
import unittest

from commands import ROOT
from fixtures import emulated
from pools import TAG
from questions import QUESTIONS

STATEMENTS = {each["Sid"]: each for each in json.loads((ROOT / "deploy/iam/acceptance-policy.json").read_text())["Statement"]}
[(KEY, VALUE)] = TAG.items()
# What pools.py calls beside the questions; each look of a question is a read that a question makes, too.
OF_THE_POOLS = {"ListUserPools", "DescribeUserPool", "DeleteUserPool", "GetUserPoolMfaConfig"}


def actions(sid):
    found = STATEMENTS[sid]["Action"]
    return set(found if isinstance(found, list) else [found])


class ThePolicy(unittest.TestCase):
    def test_allows_the_calls_of_the_suite_and_no_other(self):
        asked = {operation for question in QUESTIONS for operation, _ in question.steps} | OF_THE_POOLS
        allowed = set().union(*(actions(sid) for sid in STATEMENTS)) - {"iam:PassRole"}
        self.assertEqual(allowed, {f"cognito-idp:{operation}" for operation in asked})

    def test_only_marked_pools_can_be_made_and_used(self):
        conditions = {sid: STATEMENTS[sid].get("Condition") for sid in STATEMENTS}
        self.assertEqual(conditions["CreateMarkedPools"], {"StringEquals": {f"aws:RequestTag/{KEY}": VALUE}})
        self.assertEqual(conditions["UseMarkedPoolsAlone"], {"StringEquals": {f"aws:ResourceTag/{KEY}": VALUE}})
        self.assertEqual(actions("FindThem"), {"cognito-idp:ListUserPools"})

    def test_nothing_can_mark_a_pool_that_is_there(self):
        self.assertNotIn("cognito-idp:TagResource", set().union(*(actions(sid) for sid in STATEMENTS)))

    def test_the_roles_that_the_questions_name_can_be_named(self):
        roles = emulated().placeholders
        resources = STATEMENTS["NameSmsRoles"]["Resource"]
        for name in ("<missing-role>", "<foreign-role>"):
            with self.subTest(name):
                self.assertTrue(any(fnmatch.fnmatchcase(roles[name], pattern) for pattern in resources))


if __name__ == "__main__":
    unittest.main()
