"""The commands of docs/eks.md and docs/many-accounts.md that ask AWS, run as they stand there against moto, in another
account and partition than the documents name."""

import json
import logging
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

os.environ.update(MOTO_ACCOUNT_ID="210987654321", AWS_ACCESS_KEY_ID="any", AWS_SECRET_ACCESS_KEY="any",
                  AWS_DEFAULT_REGION="us-gov-west-1")

import boto3  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402

from pages import ROOT, under, with_own_values  # noqa: E402

EKS, ACCOUNTS = ROOT / "docs/eks.md", ROOT / "docs/many-accounts.md"
# Programs that ask no AWS do nothing; a login reads its password.
WITHOUT_AWS = "docker() { [ $1 != login ] || cat >/dev/null; }; kubectl() { :; }"
# In each Region, because the issuers of moto differ in nothing else. The AWS CLI of the tests does not read AWS_REGION.
CLUSTERS = {"production": "us-gov-west-1", "second": "us-gov-east-1"}
# The reader's values, where the pages have examples that the documents have, too.
OWN = {"AWS_REGION": "us-gov-west-1", "EXTERNAL_ID": "own",
       "OPERATOR": "arn:aws-us-gov:iam::888888888888:role/cognito-mfa-operator"}


def blocks(heading, part="", page=EKS):
    """The blocks below a heading that have the part."""
    return [block for block in under(page, heading) if part in block]


class Aws(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        cls.addClassCleanup(server.stop)
        cls.url = "http://{}:{}".format(*server.get_host_and_port())
        for name, region in CLUSTERS.items():
            cls.aws("eks", region).create_cluster(name=name, roleArn="arn:aws-us-gov:iam::210987654321:role/cluster",
                                                  resourcesVpcConfig={"subnetIds": ["subnet-1", "subnet-2"]})
        with tempfile.TemporaryDirectory() as folder:
            cls.follow(pathlib.Path(folder))

    @classmethod
    def aws(cls, service, region="us-gov-west-1"):
        return boto3.client(service, region_name=region, endpoint_url=cls.url)

    @classmethod
    def follow(cls, folder):
        """The page with IRSA and its section on a second cluster, then the page on many accounts."""
        (folder / "deploy").symlink_to(ROOT / "deploy")
        documents, provider = blocks("2. The IAM documents"), blocks("With IRSA", "create-open-id-connect-provider")
        steps = [*blocks("What you need", "CLUSTER="), *blocks("1. The image"), *documents, *provider,
                 *blocks("With IRSA", "create-role"), *blocks("With either: the right to read"), *blocks("6. Let it write"),
                 "CLUSTER=second AWS_DEFAULT_REGION=us-gov-east-1", *documents, *provider, *blocks("A second cluster"),
                 *(block for heading in ("1. The file", "2. A role in each account of pools", "3. The operator's own role")
                   for block in blocks(heading, page=ACCOUNTS))]
        script = with_own_values("\n".join(["set -euo pipefail", WITHOUT_AWS, *steps]), OWN)
        environment = {**os.environ, "AWS_ENDPOINT_URL": cls.url,
                       "KUBECONFIG": str(folder / "kubeconfig"), "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}"}
        ended = subprocess.run(["bash", "-xc", script], cwd=folder, env=environment, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, check=False)
        if ended.returncode != 0:
            raise RuntimeError(ended.stdout)

    def test_the_role_trusts_the_operators_account_in_both_clusters(self):
        trust = self.aws("iam").get_role(RoleName="cognito-mfa-operator")["Role"]["AssumeRolePolicyDocument"]
        issuers = [self.aws("eks", region).describe_cluster(name=name)["cluster"]["identity"]["oidc"]["issuer"]
                   for name, region in CLUSTERS.items()]
        self.assertEqual(len(set(issuers)), len(CLUSTERS))
        expected = [f"arn:aws-us-gov:iam::210987654321:oidc-provider/{issuer.removeprefix('https://')}" for issuer in issuers]
        self.assertEqual([statement["Principal"]["Federated"] for statement in trust["Statement"]], expected)

    def test_iam_knows_the_provider_of_each_cluster(self):
        self.assertEqual(len(self.aws("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]), len(CLUSTERS))

    def test_the_role_may_write_the_pools_of_its_own_account_and_partition(self):
        policy = self.aws("iam").get_role_policy(RoleName="cognito-mfa-operator", PolicyName="mfa")["PolicyDocument"]
        self.assertEqual(policy["Statement"][0]["Resource"], "arn:aws-us-gov:cognito-idp:*:210987654321:userpool/*")

    def test_the_image_has_a_repository(self):
        names = [each["repositoryName"] for each in self.aws("ecr").describe_repositories()["repositories"]]
        self.assertEqual(names, ["cognito-mfa-operator"])

    def test_no_document_is_left_with_an_example_of_the_repository(self):
        role = self.aws("iam").get_role(RoleName="cognito-mfa-operator")["Role"]
        self.assertNotRegex(json.dumps(role["AssumeRolePolicyDocument"]), "123456789012|arn:aws:|EXAMPLE")

    def test_a_role_of_another_account_trusts_the_operators_role_with_the_external_id(self):
        trust = self.aws("iam").get_role(RoleName="cognito-mfa")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]
        self.assertEqual(trust["Principal"], {"AWS": OWN["OPERATOR"]})
        self.assertEqual(trust["Condition"], {"StringEquals": {"sts:ExternalId": OWN["EXTERNAL_ID"]}})


if __name__ == "__main__":
    unittest.main()
