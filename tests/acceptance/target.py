"""Whom the suite asks: AWS, or the emulator that it starts itself; and how fast."""

import dataclasses
import os
import time
import urllib.parse

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

AWS, EMULATOR = "AWS", "emulator"
# Region quotas of AWS are 15 and 20 a second, pool quotas 5: other callers of the account keep most of them.
CALLS_PER_SECOND = 3
# Regions that send SMS through another one. [docs]
SNS_REGIONS = {"ap-northeast-2": "ap-northeast-1"}
EMULATOR_ACCOUNT, EMULATOR_REGION = "123456789012", "us-east-1"
EXTERNAL_ID = "acceptance-external-id"


@dataclasses.dataclass
class Options:
    """What the person who starts it gives: only what is given is asked about."""

    sms_role: str = ""
    external_id: str = ""
    mute_role: str = ""
    sms_phone: str = ""
    ses_identity: str = ""
    ses_from: str = ""


class Pace:
    """At most so many calls a second, evenly."""

    def __init__(self, per_second, clock=time.monotonic, sleep=time.sleep):
        self.interval, self.clock, self.sleep, self.next = 1 / per_second, clock, sleep, 0.0

    def wait(self):
        now = self.clock()
        if now < self.next:
            self.sleep(self.next - now)
        self.next = max(now, self.next) + self.interval


class Target:
    """Cognito's calls by name. `kind` is what a record says that it is about."""

    def __init__(self, kind, region, client, placeholders, pace=None, emulator=None):
        self.kind, self.region, self.client = kind, region, client
        self.placeholders, self.pace, self.emulator = placeholders, pace, emulator

    def call(self, operation, request):
        """The answer; botocore's ClientError where it is refused."""
        if self.pace:
            self.pace.wait()
        method = getattr(self.client, snake(operation))
        answer = method(**request)
        answer.pop("ResponseMetadata", None)
        return answer

    def set_facts(self, pool, facts):
        """What the emulator has in place of IAM."""
        if self.emulator and facts:
            self.emulator.admin("PATCH", f"pools/{pool}", {"facts": facts})


def snake(operation):
    return boto3.session.botocore.xform_name(operation)


def client(region, **options):
    """The server judges the requests, not the library."""
    config = Config(parameter_validation=False, **options.pop("config"))
    return boto3.client("cognito-idp", region_name=region, config=config, **options)


def emulator(emulator_process, region=EMULATOR_REGION, pace=None):
    """The emulator, with all that a question can need."""
    keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any", "endpoint_url": emulator_process.url}
    config = {"retries": {"total_max_attempts": 1}, "proxies": {}}
    role = f"arn:aws:iam::{EMULATOR_ACCOUNT}:role"
    identity = f"arn:aws:ses:{region}:{EMULATOR_ACCOUNT}:identity/mail.example.org"
    options = Options(f"{role}/sms", EXTERNAL_ID, f"{role}/mute", "+15555550100", identity)
    return Target(EMULATOR, region, client(region, config=config, **keys),
                  placeholders(options, region, "aws", EMULATOR_ACCOUNT), pace, emulator_process)


def aws(region, options):
    """What the environment's credentials lead to; AWS_ENDPOINT_URL may name something else than AWS."""
    cognito = client(region, config={"retries": {"mode": "standard", "total_max_attempts": 5}})
    caller = boto3.client("sts", region_name=region).get_caller_identity()
    partition = caller["Arn"].split(":")[1]
    host = urllib.parse.urlsplit(cognito.meta.endpoint_url).hostname or ""
    kind = AWS if host.endswith((".amazonaws.com", ".amazonaws.com.cn")) else host
    return Target(kind, region, cognito, placeholders(options, region, partition, caller["Account"]),
                  Pace(CALLS_PER_SECOND))


def placeholders(options, region, partition, account):
    """The placeholders that the questions may use. Where one is missing, its questions are not asked."""
    suffix = os.urandom(12).hex()
    known = {
        "<region>": region,
        "<other-region>": "eu-central-1" if region != "eu-central-1" else "us-east-1",
        "<foreign-region>": "sa-east-1" if region != "sa-east-1" else "us-west-2",
        "<sns-region>": SNS_REGIONS.get(region, region),
        "<region-without-sns>": region if region in SNS_REGIONS else "",
        "<missing-pool>": f"{region}_Nowhere00",
        "<missing-role>": f"arn:{partition}:iam::{account}:role/cognito-mfa-acceptance-missing",
        "<foreign-role>": f"arn:{partition}:iam::111122223333:role/cognito-mfa-acceptance-foreign",
        "<password>": f"Aa1!{suffix}",
        "<external-id>": options.external_id or EXTERNAL_ID,
        "<sms-role>": options.sms_role,
        "<mute-role>": options.mute_role,
        "<sms-phone>": options.sms_phone,
        "<ses-identity>": options.ses_identity,
        "<ses-from>": options.ses_from or sender(options.ses_identity),
    }
    known["<ses-domain>"] = known["<ses-from>"].rpartition("@")[2]
    return {name: value for name, value in known.items() if value}


def sender(identity):
    """An address of the SES identity, which is an address or a domain."""
    name = identity.rpartition("identity/")[2]
    return name if "@" in name or not name else f"no-reply@{name}"


def denied(error):
    """Whether AWS denies the caller the right, which says nothing about a rule."""
    code = error.response["Error"]["Code"]
    return isinstance(error, ClientError) and code in (
        "AccessDeniedException", "AccessDenied", "NotAuthorizedException", "UnrecognizedClientException",
        "ExpiredTokenException", "InvalidSignatureException", "MissingAuthenticationTokenException")
