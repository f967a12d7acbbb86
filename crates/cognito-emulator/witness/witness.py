"""The emulator before independent witnesses. Start it with ./run.

The AWS CLI is a client that AWS wrote. moto and ministack are emulators that others wrote; each is asked only where it
is known to do as AWS does, because neither knows all of the two operations.
"""

import atexit
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

import awscli.botocore.session  # The AWS CLI's own copy of the model and the signer.
from awscli.botocore.config import Config

TOOLS = Path(sys.executable).parent
ROLE = "arn:aws:iam::123456789012:role/sms"

TOTP = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
SMS = {
    "SmsAuthenticationMessage": "code {####}",
    "SmsConfiguration": {"SnsCallerArn": ROLE, "ExternalId": "x", "SnsRegion": "us-east-1"},
}
EUMS = {
    "CallerArn": ROLE, "ExternalId": "x", "OriginationIdentity": "ACME", "ConfigurationSetName": "set",
    "InEntityId": "entity", "InTemplateId": "template", "Region": "us-east-1",
}
EMAIL = {"Message": "code {####}", "Subject": "your code"}
PASSKEYS = {
    "RelyingPartyId": "auth.example.com", "UserVerification": "preferred",
    "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION",
}
ALL_SECTIONS = {
    "MfaConfiguration": "OPTIONAL", **TOTP, "SmsMfaConfiguration": SMS, "EmailMfaConfiguration": EMAIL,
    "WebAuthnConfiguration": PASSKEYS,
}
ALL_SECTIONS_WITH_EUMS = {**ALL_SECTIONS, "SmsMfaConfiguration": {"SmsConfiguration": {"EumsSms": EUMS}}}


def environment(**more):
    """No AWS setting of the machine gets in, nor a proxy between us and 127.0.0.1."""
    kept = {name: value for name, value in os.environ.items() if not re.match("aws_|.*_proxy$", name, re.I)}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    keys = {"AWS_ACCESS_KEY_ID": "AKIDWITNESS", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}
    return {**kept, **nowhere, **keys, "AWS_MAX_ATTEMPTS": "1", **more}


class Service:
    """A running program that serves Cognito."""

    def __init__(self, process, address):
        self.process, self.url = process, f"http://{address}"
        atexit.register(self.stop)  # unittest forgets its cleanups when it is interrupted.

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


class Cli:
    """The AWS CLI as a person uses it: a program with flags."""

    def __init__(self, service):
        self.url = service.url

    def run(self, *arguments):
        """The outcome (OK or AWS's error code) and the answer."""
        command = [TOOLS / "aws", "--endpoint-url", self.url, "--output", "json", *arguments]
        done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return "OK", json.loads(done.stdout or "{}")
        code = re.search(r"\((\w+)\) when calling", done.stderr)
        if not code:
            raise AssertionError(f"the AWS CLI broke at {arguments}: {done.stderr}")
        return code[1], None

    def new_pool(self):
        sender = ["--email-configuration", "EmailSendingAccount=DEVELOPER"]
        outcome, answer = self.run("cognito-idp", "create-user-pool", "--pool-name", "witness", *sender)
        assert outcome == "OK", outcome
        return answer["UserPool"]["Id"]

    def get(self, pool, *options):
        return self.run("cognito-idp", "get-user-pool-mfa-config", "--user-pool-id", pool, *options)

    def set(self, pool, settings, *options):
        flags = []
        for section, value in settings.items():
            name = re.sub("(?<=[a-z])(?=[A-Z])", "-", section).lower()
            flags += [f"--{name}", value if isinstance(value, str) else json.dumps(value)]
        return self.run("cognito-idp", "set-user-pool-mfa-config", "--user-pool-id", pool, *flags, *options)


class Library:
    """The library under the AWS CLI, in this process: the same requests without a program start for each."""

    def __init__(self, service):
        keys = {"aws_access_key_id": "AKIDWITNESS", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
        config = Config(retries={"total_max_attempts": 1}, proxies={}, parameter_validation=False)
        session = awscli.botocore.session.get_session()
        self.client = session.create_client("cognito-idp", endpoint_url=service.url, config=config, **keys)

    def told(self, settings):
        """What these Sets, one after another on a new pool, and then Get say."""
        sender = {"EmailSendingAccount": "DEVELOPER"}
        created = self.client.create_user_pool(PoolName="witness", EmailConfiguration=sender)
        pool = {"UserPoolId": created["UserPool"]["Id"]}
        outcomes = []
        for each in settings:
            try:
                self.client.set_user_pool_mfa_config(**pool, **each)
                outcomes.append("OK")
            except self.client.exceptions.ClientError as error:
                outcomes.append(error.response["Error"]["Code"])
        live = self.client.get_user_pool_mfa_config(**pool)
        del live["ResponseMetadata"]
        return outcomes, live


def emulator():
    program = os.path.join(os.environ["RUST_BINARIES"], "cognito-emulator")
    process = subprocess.Popen([program], stdout=subprocess.PIPE, text=True, start_new_session=True)
    return Service(process, process.stdout.readline().strip())


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def answers(address):
    try:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://{address}/", timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def third_party(command, scratch, **variables):
    """Start a program on a free port; it may lose the port before it binds, so try again."""
    for _ in range(5):
        port = str(free_port())
        filled = [part.format(port=port) for part in command]
        env = environment(**{name: value.format(port=port) for name, value in variables.items()})
        with open(Path(scratch, f"{filled[0]}.log"), "w", encoding="utf-8") as log:
            process = subprocess.Popen([TOOLS / filled[0], *filled[1:]], env=env, cwd=scratch, stdout=log,
                                       stderr=subprocess.STDOUT, start_new_session=True)
        while process.poll() is None:
            if answers(f"127.0.0.1:{port}"):
                return Service(process, f"127.0.0.1:{port}")
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                pass
    raise AssertionError(f"{command[0]} does not start:\n{Path(log.name).read_text(encoding='utf-8')}")


class Witnesses(unittest.TestCase):
    """Starts the emulator once for a class of tests, and stops everything whatever happens."""

    @classmethod
    def setUpClass(cls):
        cls.ours = cls.keep(emulator())

    @classmethod
    def keep(cls, service):
        cls.addClassCleanup(service.stop)
        return service

    @classmethod
    def other(cls, command, **variables):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        return cls.keep(third_party(command, scratch.name, **variables))

    def assert_alike(self, other, settings):
        """Both make the same of these Sets and of the Get behind them; return what."""
        theirs, ours = Library(other).told(settings), Library(self.ours).told(settings)
        self.assertEqual(theirs, ours)
        return ours


class TheAwsCli(Witnesses):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cli = Cli(cls.ours)

    def test_the_round_trips_name_every_field_of_the_model(self):
        model = awscli.botocore.session.get_session().get_service_model("cognito-idp")
        known = set(leaves(model.operation_model("SetUserPoolMfaConfig").input_shape)) - {"UserPoolId"}
        used = set(paths(ALL_SECTIONS)) | set(paths(ALL_SECTIONS_WITH_EUMS))
        self.assertEqual(known, used)

    def test_every_field_of_every_section_comes_back(self):
        pool = self.cli.new_pool()
        for wanted in (ALL_SECTIONS, ALL_SECTIONS_WITH_EUMS, ALL_SECTIONS):
            self.assertEqual(self.cli.set(pool, wanted), ("OK", wanted))
            self.assertEqual(self.cli.get(pool), ("OK", wanted))

    def test_unsigned_calls_are_refused_and_change_nothing(self):
        pool = self.cli.new_pool()
        before = self.cli.get(pool)
        refused = ("MissingAuthenticationTokenException", None)
        self.assertEqual(self.cli.get(pool, "--no-sign-request"), refused)
        self.assertEqual(self.cli.set(pool, {"MfaConfiguration": "ON", **TOTP}, "--no-sign-request"), refused)
        self.assertEqual(self.cli.get(pool), before)

    def test_it_reads_our_errors(self):
        pool = self.cli.new_pool()
        self.assertEqual(self.cli.set(pool, {"MfaConfiguration": "ON"})[0], "InvalidParameterException")
        self.assertEqual(self.cli.get("us-east-1_Nowhere00")[0], "ResourceNotFoundException")
        self.assertEqual(self.cli.get("eu-west-1_Nowhere00")[0], "InvalidSignatureException")

    def test_it_reads_our_sts(self):
        role = ["--role-arn", "arn:aws:iam::111122223333:role/x", "--role-session-name", "witness"]
        outcome, answer = self.cli.run("sts", "assume-role", *role)
        self.assertEqual((outcome, set(answer)), ("OK", {"Credentials", "AssumedRoleUser"}))
        self.assertEqual(self.cli.run("sts", "get-caller-identity")[1]["Account"], "123456789012")


class Moto(Witnesses):
    """moto has SMS and TOTP only, and does not refuse what it does not know."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.moto = cls.other(["moto_server", "-H", "127.0.0.1", "-p", "{port}"])

    def assert_agree(self, outcomes, *settings):
        self.assertEqual(self.assert_alike(self.moto, settings)[0], outcomes)

    def test_what_a_set_omits_is_cleared(self):
        sms_alone = {"MfaConfiguration": "OPTIONAL", "SmsMfaConfiguration": SMS}
        self.assert_agree(["OK", "OK"], {"MfaConfiguration": "ON", **TOTP}, sms_alone)
        self.assert_agree(["OK", "OK"], {"MfaConfiguration": "ON", **TOTP}, {"MfaConfiguration": "OFF"})

    def test_removed_sms_is_dropped(self):
        with_sms = {"MfaConfiguration": "ON", **TOTP, "SmsMfaConfiguration": SMS}
        self.assert_agree(["OK", "OK"], with_sms, {"MfaConfiguration": "ON", **TOTP})

    def test_on_and_optional_need_a_factor(self):
        refused = ["OK", "InvalidParameterException", "InvalidParameterException"]
        on, optional = {"MfaConfiguration": "ON"}, {"MfaConfiguration": "OPTIONAL"}
        self.assert_agree(refused, {"MfaConfiguration": "ON", **TOTP}, on, optional)

    def test_an_unknown_mode_is_refused(self):
        self.assert_agree(["InvalidParameterException"], {"MfaConfiguration": "MAYBE", **TOTP})


class Ministack(Witnesses):
    """ministack keeps whatever a section holds, and validates nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ministack = cls.other(["ministack"], GATEWAY_PORT="{port}", BIND_HOST="127.0.0.1")

    def test_all_five_sections_come_back_alike(self):
        for wanted in (ALL_SECTIONS, ALL_SECTIONS_WITH_EUMS):
            self.assertEqual(self.assert_alike(self.ministack, [wanted]), (["OK"], wanted))


def leaves(shape, path=""):
    """Paths of the scalar members of a model's structure."""
    for name, member in shape.members.items():
        here = f"{path}.{name}" if path else name
        if member.type_name == "structure":
            yield from leaves(member, here)
        else:
            yield here


def paths(value, path=""):
    """Paths of the scalars in a request."""
    if not isinstance(value, dict):
        yield path
        return
    for name, member in value.items():
        yield from paths(member, f"{path}.{name}" if path else name)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    unittest.main(verbosity=2)
