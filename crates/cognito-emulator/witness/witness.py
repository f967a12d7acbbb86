"""Compare the emulator with software that others wrote. Start it with ./run.

The AWS CLI is a client that AWS wrote. moto and ministack are emulators that others wrote. Neither implements all of
GetUserPoolMfaConfig and SetUserPoolMfaConfig, so each is compared only where it is known to behave as AWS does.
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
    """The environment for a client, without the AWS settings and proxies of this machine."""
    inherited = {name: value for name, value in os.environ.items() if not re.match("aws_|.*_proxy$", name, re.I)}
    no_files = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    keys = {"AWS_ACCESS_KEY_ID": "AKIDWITNESS", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}
    return {**inherited, **no_files, **keys, "AWS_MAX_ATTEMPTS": "1", **more}


class Service:
    """A running program that serves the Cognito API."""

    def __init__(self, process, address):
        self.process, self.url = process, f"http://{address}"
        atexit.register(self.stop)  # An interrupted unittest skips its cleanups.

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


class Cli:
    """The AWS CLI as a program with flags."""

    def __init__(self, service):
        self.url = service.url

    def run(self, *arguments):
        """Runs a command. Returns OK or AWS's error code, and the answer."""
        command = [TOOLS / "aws", "--endpoint-url", self.url, "--output", "json", *arguments]
        result = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
        if result.returncode == 0:
            return "OK", json.loads(result.stdout or "{}")
        code = re.search(r"\((\w+)\) when calling", result.stderr)
        if not code:
            raise AssertionError(f"the AWS CLI failed without an AWS error at {arguments}: {result.stderr}")
        return code[1], None

    def new_pool(self):
        sender = ["--email-configuration", "EmailSendingAccount=DEVELOPER"]
        recovery = ["--account-recovery-setting", "RecoveryMechanisms=[{Name=admin_only,Priority=1}]"]
        outcome, answer = self.run("cognito-idp", "create-user-pool", "--pool-name", "witness", *sender, *recovery)
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
    """The library of the AWS CLI in this process. It sends the same requests without starting a program for each."""

    def __init__(self, service):
        keys = {"aws_access_key_id": "AKIDWITNESS", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
        config = Config(retries={"total_max_attempts": 1}, proxies={}, parameter_validation=False)
        session = awscli.botocore.session.get_session()
        self.client = session.create_client("cognito-idp", endpoint_url=service.url, config=config, **keys)

    def outcomes(self, writes):
        """Writes these settings to a new pool, one after another. Returns the outcomes and a final read."""
        sender = {"EmailSendingAccount": "DEVELOPER"}
        recovery = {"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]}
        created = self.client.create_user_pool(
            PoolName="witness", EmailConfiguration=sender, AccountRecoverySetting=recovery)
        pool = {"UserPoolId": created["UserPool"]["Id"]}
        outcomes = []
        for settings in writes:
            try:
                self.client.set_user_pool_mfa_config(**pool, **settings)
                outcomes.append("OK")
            except self.client.exceptions.ClientError as error:
                outcomes.append(error.response["Error"]["Code"])
        config = self.client.get_user_pool_mfa_config(**pool)
        del config["ResponseMetadata"]
        return outcomes, config


def start_emulator():
    program = os.path.join(os.environ["RUST_BINARIES"], "cognito-emulator")
    process = subprocess.Popen([program], stdout=subprocess.PIPE, text=True, start_new_session=True)
    return Service(process, process.stdout.readline().strip())


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def responds(address):
    try:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://{address}/", timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def start_other(command, scratch, **variables):
    """Starts a program on a free port. Another program may take the port first, so it tries five times."""
    for _ in range(5):
        port = str(free_port())
        arguments = [part.format(port=port) for part in command]
        env = environment(**{name: value.format(port=port) for name, value in variables.items()})
        with open(Path(scratch, f"{arguments[0]}.log"), "w", encoding="utf-8") as log:
            process = subprocess.Popen([TOOLS / arguments[0], *arguments[1:]], env=env, cwd=scratch, stdout=log,
                                       stderr=subprocess.STDOUT, start_new_session=True)
        while process.poll() is None:
            if responds(f"127.0.0.1:{port}"):
                return Service(process, f"127.0.0.1:{port}")
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                pass
    raise AssertionError(f"{command[0]} did not start:\n{Path(log.name).read_text(encoding='utf-8')}")


class Comparison(unittest.TestCase):
    """Starts the emulator once for each class of tests, and stops all programs even when a test fails."""

    @classmethod
    def setUpClass(cls):
        cls.emulator = cls.stop_later(start_emulator())

    @classmethod
    def stop_later(cls, service):
        cls.addClassCleanup(service.stop)
        return service

    @classmethod
    def start_other(cls, command, **variables):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        return cls.stop_later(start_other(command, scratch.name, **variables))

    def assert_same(self, other, writes):
        """Asserts that both emulators have the same outcomes, and returns them."""
        theirs, ours = Library(other).outcomes(writes), Library(self.emulator).outcomes(writes)
        self.assertEqual(theirs, ours)
        return ours


class TheAwsCli(Comparison):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cli = Cli(cls.emulator)

    def test_the_round_trips_use_every_field_of_the_model(self):
        model = awscli.botocore.session.get_session().get_service_model("cognito-idp")
        modelled = set(leaves(model.operation_model("SetUserPoolMfaConfig").input_shape)) - {"UserPoolId"}
        used = set(paths(ALL_SECTIONS)) | set(paths(ALL_SECTIONS_WITH_EUMS))
        self.assertEqual(modelled, used)

    def test_every_field_of_every_section_is_returned(self):
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

    def test_the_cli_decodes_the_errors(self):
        pool = self.cli.new_pool()
        self.assertEqual(self.cli.set(pool, {"MfaConfiguration": "ON"})[0], "InvalidParameterException")
        self.assertEqual(self.cli.get("us-east-1_Nowhere00")[0], "ResourceNotFoundException")
        self.assertEqual(self.cli.get("eu-west-1_Nowhere00")[0], "InvalidSignatureException")

    def test_the_cli_decodes_sts(self):
        role = ["--role-arn", "arn:aws:iam::111122223333:role/x", "--role-session-name", "witness"]
        outcome, answer = self.cli.run("sts", "assume-role", *role)
        self.assertEqual((outcome, set(answer)), ("OK", {"Credentials", "AssumedRoleUser"}))
        self.assertEqual(self.cli.run("sts", "get-caller-identity")[1]["Account"], "123456789012")


class Moto(Comparison):
    """moto implements SMS and TOTP only, and ignores all other sections."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.moto = cls.start_other(["moto_server", "-H", "127.0.0.1", "-p", "{port}"])

    def assert_agree(self, outcomes, *writes):
        self.assertEqual(self.assert_same(self.moto, writes)[0], outcomes)

    def test_omitted_sections_are_cleared(self):
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


class Ministack(Comparison):
    """ministack stores every section, and validates nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ministack = cls.start_other(["ministack"], GATEWAY_PORT="{port}", BIND_HOST="127.0.0.1")

    def test_all_five_sections_are_returned(self):
        for wanted in (ALL_SECTIONS, ALL_SECTIONS_WITH_EUMS):
            self.assertEqual(self.assert_same(self.ministack, [wanted]), (["OK"], wanted))


def leaves(shape, path=""):
    """Yields the paths of the scalar members of a structure in the model."""
    for name, member in shape.members.items():
        here = f"{path}.{name}" if path else name
        if member.type_name == "structure":
            yield from leaves(member, here)
        else:
            yield here


def paths(value, path=""):
    """Yields the paths of the scalars in a request."""
    if not isinstance(value, dict):
        yield path
        return
    for name, member in value.items():
        yield from paths(member, f"{path}.{name}" if path else name)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    unittest.main(verbosity=2)
