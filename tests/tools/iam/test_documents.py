"""The documents of deploy/iam: IAM (as moto has it) takes them, and they allow what the operator does and no more.

    "$(tests/tools/venv)/bin/python" -m unittest discover tests/tools/iam
"""

import fnmatch
import json
import os
import pathlib
import unittest

os.environ.update(AWS_ACCESS_KEY_ID="any", AWS_SECRET_ACCESS_KEY="any", AWS_DEFAULT_REGION="eu-west-1")

import boto3  # noqa: E402
import botocore.session  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402
from moto import mock_aws  # noqa: E402
from moto.core import set_initial_no_auth_action_count  # noqa: E402

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "deploy" / "iam"
DOCUMENTS = {path.name: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
TRUSTS = {name: document for name, document in DOCUMENTS.items() if "trust" in name}
POLICIES = {name: document for name, document in DOCUMENTS.items() if "trust" not in name}
# Rights that are no operation of their own.
ONLY_RIGHTS = {"iam:PassRole", "sts:TagSession"}
BOTH_CALLS = {"cognito-idp:GetUserPoolMfaConfig", "cognito-idp:SetUserPoolMfaConfig"}


def listed(value):
    return value if isinstance(value, list) else [value]


def actions(document):
    return {action for statement in document["Statement"] for action in listed(statement["Action"])}


def of_any_resource(document):
    """The same without its resources: moto asks about none where Cognito is called."""
    return {**document, "Statement": [{**statement, "Resource": "*"} for statement in document["Statement"]]}


def denied(call, **arguments):
    """Whether IAM, as moto has it, denies the call."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    return False


class Documents(unittest.TestCase):
    def test_every_action_is_one_that_aws_has(self):
        models = botocore.session.get_session()
        for name, document in DOCUMENTS.items():
            for action in actions(document) - ONLY_RIGHTS:
                service, operation = action.split(":")
                with self.subTest(name, action=action):
                    self.assertIn(operation, models.get_service_model(service).operation_names)

    def test_iam_takes_every_policy_and_every_trust(self):
        with mock_aws():
            iam = boto3.client("iam")
            for name, document in POLICIES.items():
                with self.subTest(name):
                    iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))
            for name, document in TRUSTS.items():
                with self.subTest(name):
                    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))

    def test_iam_refuses_a_document_that_is_wrong(self):
        wrong = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Alow", "Action": "s3:Get*"}]})
        with mock_aws(), self.assertRaises(ClientError):
            boto3.client("iam").create_policy(PolicyName="wrong", PolicyDocument=wrong)

    def test_the_policies_name_the_operators_calls_and_no_other(self):
        self.assertEqual(actions(POLICIES["policy.json"]), BOTH_CALLS)
        self.assertEqual(actions(POLICIES["observe-policy.json"]), {"cognito-idp:GetUserPoolMfaConfig"})

    def test_the_policies_are_about_user_pools_of_one_account(self):
        for name in ("policy.json", "observe-policy.json"):
            (statement,) = POLICIES[name]["Statement"]
            for account, reached in (("123456789012", True), ("999999999999", False)):
                arn = f"arn:aws:cognito-idp:eu-west-1:{account}:userpool/eu-west-1_AbCdEf123"
                with self.subTest(name, account=account):
                    self.assertEqual(fnmatch.fnmatchcase(arn, statement["Resource"]), reached)

    def test_a_role_is_passed_to_cognito_and_to_nobody_else(self):
        (statement,) = POLICIES["sms-policy.json"]["Statement"]
        passed_to = statement["Condition"]["StringEquals"]["iam:PassedToService"]
        self.assertEqual((statement["Action"], passed_to), ("iam:PassRole", "cognito-idp.amazonaws.com"))

    def test_nobody_is_trusted_without_a_condition_except_to_pass_tags_on(self):
        for name, document in TRUSTS.items():
            for statement in document["Statement"]:
                with self.subTest(name):
                    self.assertTrue(statement.get("Condition") or statement["Action"] == "sts:TagSession")


class Enforced(unittest.TestCase):
    """IAM on: what a role with one of the policies may do at Cognito."""

    def setUp(self):
        self.aws = mock_aws()
        self.aws.start()
        self.addCleanup(self.aws.stop)
        pool = boto3.client("cognito-idp").create_user_pool(PoolName="customers")
        self.pool = pool["UserPool"]["Id"]

    def cognito(self, name):
        iam = boto3.client("iam")
        trust = json.dumps(TRUSTS["trust-pod-identity.json"])
        role = iam.create_role(RoleName="operator", AssumeRolePolicyDocument=trust)["Role"]
        policy = json.dumps(of_any_resource(POLICIES[name]))
        iam.put_role_policy(RoleName="operator", PolicyName="mfa", PolicyDocument=policy)
        session = boto3.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="test")["Credentials"]
        return boto3.client(
            "cognito-idp", aws_access_key_id=session["AccessKeyId"],
            aws_secret_access_key=session["SecretAccessKey"], aws_session_token=session["SessionToken"])

    def verdicts(self, name):
        """Whether Get, Set and a call that is none of the operator's are denied."""
        cognito, pool = self.cognito(name), {"UserPoolId": self.pool}

        @set_initial_no_auth_action_count(0)
        def asked():
            return (denied(cognito.get_user_pool_mfa_config, **pool),
                    denied(cognito.set_user_pool_mfa_config, MfaConfiguration="OFF", **pool),
                    denied(cognito.describe_user_pool, **pool))
        return asked()

    def test_the_policy_allows_get_and_set(self):
        self.assertEqual(self.verdicts("policy.json"), (False, False, True))

    def test_the_policy_of_observe_allows_no_set(self):
        self.assertEqual(self.verdicts("observe-policy.json"), (False, True, True))


if __name__ == "__main__":
    unittest.main()
