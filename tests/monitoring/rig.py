"""The operator and the stand-in for Cognito as processes, of RUST_BINARIES."""

import contextlib
import json
import os
import pathlib
import re
import urllib.request

import kit
from commands import DEADLINE_SECONDS, wait_until

BINARIES = pathlib.Path(os.environ["RUST_BINARIES"])
# What the machine has set must not get into the tests: AWS accounts, proxies, the operator's own settings.
NOT_OURS = re.compile("aws_.*|.*_proxy|rust_log|listen|watch_namespaces|drift_check_interval|quota_share|accounts_file|"
                      "concurrency|tolerate_settings|log_format|leader_elect.*|lease_.*|max_low.*|allow_dis.*", re.I)


@contextlib.contextmanager
def stand_in():
    """Its address."""
    with kit.process([BINARIES / "cognito-stand-in"], clean_environment()) as (child, log):
        yield "http://" + printed(child, log, r"^([\d.]+:\d+)$")


@contextlib.contextmanager
def operator(cognito, *arguments):
    """The address of its pages, once it is ready."""
    aws = {"AWS_ENDPOINT_URL": cognito, "AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any",
           "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    command = [BINARIES / "cognito-mfa-operator", "run", "--listen", "127.0.0.1:0", *arguments]
    with kit.process(command, {**clean_environment(), **aws}) as (child, log):
        address = "http://" + printed(child, log, r"listen=([\d.]+:\d+)")
        wait_until(lambda: answers(f"{address}/readyz"), log.read_text)
        yield address


def clean_environment():
    return {name: value for name, value in os.environ.items() if not NOT_OURS.fullmatch(name)}


def printed(child, log, pattern):
    """What a process says of itself."""
    def said():
        if child.poll() is not None:
            raise AssertionError(f"it ended with {child.returncode}: {log.read_text()}")
        return re.search(pattern, log.read_text(), re.M)
    return wait_until(said, log.read_text)[1]


def answers(url):
    with contextlib.suppress(OSError):
        return http("GET", url).status == 200
    return False


def http(method, url, body=None):
    request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode())
    return urllib.request.urlopen(request, timeout=DEADLINE_SECONDS)


def page(address):
    """The metrics page and its media type."""
    with http("GET", f"{address}/metrics") as answer:
        return answer.read().decode(), answer.headers["Content-Type"]
