"""What a user types, the waiting until it shows, and the object that it is about."""

import pathlib
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
DEADLINE_SECONDS = 120
KIND = {"apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig"}


class Refused(AssertionError):
    """What a program printed as it failed."""


def run(*command, stdin=None, check=True, **options):
    """A program at its end; an error with its words unless that is not to be checked."""
    command = [str(word) for word in command]
    ended = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, **options)
    if check and ended.returncode != 0:
        # Not all its words: what is looked for in the message must be the program's.
        raise Refused(f"{' '.join(command[:2])} ended with {ended.returncode}:\n{ended.stderr}{ended.stdout}")
    return ended


def kubectl(*words, stdin=None):
    """What it prints."""
    return run("kubectl", *words, stdin=stdin, cwd=ROOT).stdout


def helm(*words):
    return run("helm", *words, cwd=ROOT).stdout


def config(name, pool, **fields):
    """A UserPoolMfaConfig with TOTP for everyone, but for these fields."""
    spec = {"userPoolId": pool, "mfaConfiguration": "ON", "softwareTokenMfaConfiguration": {"enabled": True}, **fields}
    return {**KIND, "metadata": {"name": name}, "spec": spec}


def wait_until(condition, what):
    """What the condition returns, once that is true; `what` tells what did not come."""
    ends = time.monotonic() + DEADLINE_SECONDS
    while not (found := condition()):
        if time.monotonic() > ends:
            raise AssertionError(f"did not come within {DEADLINE_SECONDS} s: {what() if callable(what) else what}")
        time.sleep(0.05)
    return found
