#!/usr/bin/env python3
"""Builds the programs of the demo, then runs its steps (story.py) with its own control plane."""

import argparse
import json
import os
import pathlib
import subprocess
import sys

import terminal

ROOT = pathlib.Path(__file__).resolve().parent.parent
CONTROL_PLANE = ROOT / "tests/tools/control-plane/control-plane"
INTERRUPTED = 130


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave everything running at the end, until Ctrl-C")
    keep = parser.parse_args().keep
    try:
        environment = build()
    except KeyboardInterrupt:
        return INTERRUPTED
    except FileNotFoundError as error:
        terminal.fail(f"{error.filename} is not in PATH. To get cargo, install Rust: https://rustup.rs")
        return 1
    except subprocess.CalledProcessError as error:
        terminal.fail(f"The build failed: {error}. Its output is above. Fix the cause and start again.")
        return 1
    story = [sys.executable, str(ROOT / "demo/story.py"), *(["--keep"] if keep else [])]
    os.execve(sys.executable, [sys.executable, str(CONTROL_PLANE), "run", "--", *story], environment)


def build():
    """Builds the programs, and returns an environment that has them in PATH."""
    terminal.heading("Building")
    terminal.say("This builds the operator and the emulator from Rust, and kube-apiserver, etcd and kubectl "
                 "from Go, and installs the AWS CLI from PyPI. The first run takes 10 to 25 minutes on two "
                 "cores. Later runs reuse the result.")
    subprocess.run(["cargo", "build", "--locked", "--workspace", "--bins"], cwd=ROOT, check=True)
    output_of(CONTROL_PLANE, "binaries")
    tools = output_of(ROOT / "tests/tools/venv")
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
