#!/usr/bin/env python3
"""Builds the programs of the demo, then runs its steps (story.py) with its own control plane."""

import argparse
import json
import os
import subprocess
import sys

import terminal
from build import CONTROL_PLANE, ROOT, Failure, build_together
from processes import Signals, Stopped

VENV = [ROOT / "tests/tools/venv", ROOT / "demo/requirements.txt"]
CARGO = ["cargo", "build", "--locked", "--workspace", "--bins"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave everything running at the end, until Ctrl-C")
    keep = parser.parse_args().keep
    try:
        environment = build(Signals())
    except Stopped as stopped:
        return 128 + stopped.signum
    except FileNotFoundError as error:
        terminal.fail(f"{error.filename} is not in PATH. To get cargo, install Rust: https://rustup.rs")
        return 1
    except (Failure, subprocess.CalledProcessError) as error:
        terminal.fail(f"{error}\nFix the cause and start again.")
        return 1
    story = [sys.executable, str(ROOT / "demo/story.py"), *(["--keep"] if keep else [])]
    os.execve(sys.executable, [sys.executable, str(CONTROL_PLANE), "run", "--", *story], environment)


def build(signals):
    """Builds the programs, and returns an environment that has them in PATH."""
    terminal.heading("Building")
    terminal.say("This builds the operator and the emulator from Rust, kube-apiserver, etcd and kubectl from Go, and "
                 "installs the AWS CLI from PyPI, all at the same time. The first run compiles for minutes. Later runs "
                 "reuse the result.")
    build_together({"Rust": CARGO, "Go": [CONTROL_PLANE, "binaries"], "AWS CLI": VENV}, signals)
    tools = output_of(*VENV)
    metadata = json.loads(output_of("cargo", "metadata", "--format-version=1", "--no-deps", "--locked"))
    terminal.done("Everything is built.")
    path = os.pathsep.join([f"{tools}/bin", os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "RUST_BINARIES": f"{metadata['target_directory']}/debug"}


def output_of(*command):
    """Returns a command's standard output. Its standard error goes to the terminal."""
    arguments = [str(argument) for argument in command]
    result = subprocess.run(arguments, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return result.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
