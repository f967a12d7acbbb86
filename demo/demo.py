#!/usr/bin/env python3
"""Builds what the demo needs, then plays it (story.py) with a control plane of its own."""

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
    parser.add_argument("--keep", action="store_true", help="stay up at the end, until Ctrl-C")
    keep = parser.parse_args().keep
    try:
        environment = built()
    except KeyboardInterrupt:
        return INTERRUPTED
    except FileNotFoundError as error:
        terminal.fail(f"There is no {error.filename} in PATH. For cargo install Rust: https://rustup.rs")
        return 1
    except subprocess.CalledProcessError as error:
        terminal.fail(f"Before the first step: {error}. Its own words are above: mend it and start again.")
        return 1
    story = [sys.executable, str(ROOT / "demo/story.py"), *(["--keep"] if keep else [])]
    os.execve(sys.executable, [sys.executable, str(CONTROL_PLANE), "run", "--", *story], environment)


def built():
    """The environment of the story: where its programs are."""
    terminal.heading("Building")
    terminal.say("The operator and the emulator from Rust, kube-apiserver, etcd and kubectl from Go, the AWS "
                 "CLI from PyPI. The first time takes 10 to 25 minutes on two cores; later runs find it.")
    subprocess.run(["cargo", "build", "--locked", "--workspace", "--bins"], cwd=ROOT, check=True)
    answer(CONTROL_PLANE, "binaries")
    tools = answer(ROOT / "tests/tools/venv")
    metadata = json.loads(answer("cargo", "metadata", "--format-version=1", "--no-deps", "--locked"))
    terminal.done("built")
    path = os.pathsep.join([f"{tools}/bin", os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "RUST_BINARIES": f"{metadata['target_directory']}/debug"}


def answer(*command):
    """What a program prints; what it reports on the way goes to the terminal."""
    words = [str(word) for word in command]
    ended = subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return ended.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
