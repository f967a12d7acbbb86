#!/usr/bin/env python3
"""Builds the programs of the demo, then runs its steps (story.py) with its own control plane or on an existing cluster."""

import argparse
import json
import os
import pathlib
import shutil
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
    parser.add_argument("--kubeconfig", metavar="FILE", help="run on the existing cluster of this file's current context")
    options = parser.parse_args()
    try:
        environment = build(wanted_from_go(options.kubeconfig), Signals())
    except Stopped as stopped:
        return 128 + stopped.signum
    except FileNotFoundError as error:
        terminal.fail(f"{error.filename} is not in PATH. To get cargo, install Rust: https://rustup.rs")
        return 1
    except (Failure, subprocess.CalledProcessError) as error:
        terminal.fail(f"{error}\nFix the cause and start again.")
        return 1
    os.execve(sys.executable, [sys.executable, *program(options)], environment)


def wanted_from_go(kubeconfig):
    """The programs to find or to build. An existing cluster needs kubectl alone."""
    if not kubeconfig:
        return ["kube-apiserver", "etcd", "kubectl"]
    return [] if shutil.which("kubectl") else ["kubectl"]


def program(options):
    """What runs the steps, as arguments of Python."""
    story = [str(ROOT / "demo/story.py"), *(["--keep"] if options.keep else [])]
    if options.kubeconfig:
        return [*story, "--kubeconfig", os.path.abspath(os.path.expanduser(options.kubeconfig))]
    return [str(CONTROL_PLANE), "run", "--", sys.executable, *story]


def build(wanted, signals):
    """Builds the programs, and returns an environment that has them in PATH."""
    terminal.heading("Building")
    go = f"{', '.join(wanted)} from Go, and " if wanted else ""
    terminal.say(f"This builds the operator and the emulator from Rust, {go}installs the AWS CLI from PyPI, all at the "
                 "same time. The first run compiles for minutes. Later runs reuse the result.")
    from_go = {"Go": [CONTROL_PLANE, "binaries", *wanted]} if wanted else {}
    build_together({"Rust": CARGO, **from_go, "AWS CLI": VENV}, signals)
    folders = [f"{output_of(*VENV)}/bin", *(output_of(CONTROL_PLANE, "binaries", *wanted) for _ in from_go)]
    metadata = json.loads(output_of("cargo", "metadata", "--format-version=1", "--no-deps", "--locked"))
    terminal.done("Everything is built.")
    path = os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "RUST_BINARIES": f"{metadata['target_directory']}/debug"}


def output_of(*command):
    """Returns a command's standard output. Its standard error goes to the terminal."""
    arguments = [str(argument) for argument in command]
    result = subprocess.run(arguments, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return result.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
