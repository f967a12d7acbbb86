"""What the tests of the suite share: an emulator for a whole run, and the environment of a run that asks it as AWS."""

import functools
import os
import pathlib
import re
import sys

from emulator import Emulator
from programs import Programs

import target

HERE = pathlib.Path(__file__).resolve().parent


@functools.cache
def programs():
    return Programs()


@functools.cache
def emulator():
    return Emulator(programs())


def emulated(**more):
    """The emulator as a target, at its defaults and without what an earlier test made or scripted."""
    pools = [f"pools/{pool['id']}" for pool in emulator().admin("GET", "pools")]
    for path in ("switches", "faults", "calls", *pools):
        emulator().admin("DELETE", path)
    return target.emulator(emulator(), **more)


def pool_names():
    return [pool["name"] for pool in emulator().admin("GET", "pools")]


def environment(**variables):
    """That of this process without its AWS settings, and with these."""
    inherited = {name: value for name, value in os.environ.items() if not re.match("aws_|.*_proxy$|acceptance$", name, re.I)}
    files = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true"}
    return {**inherited, **files, **variables}


def as_aws(url):
    """The environment of a run that takes this address for AWS."""
    return environment(ACCEPTANCE="1", AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID="any", AWS_SECRET_ACCESS_KEY="any",
                       AWS_REGION="us-east-1", PYTHONPATH=os.pathsep.join(sys.path), PYTHONUNBUFFERED="1")


def suite(*arguments):
    return [sys.executable, HERE / "acceptance.py", "--questions", *arguments]
