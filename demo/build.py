"""Builds the programs of the demo from Rust, Go and PyPI, all at the same time."""

import pathlib
import re
import sys

import terminal

ROOT = pathlib.Path(__file__).resolve().parent.parent
CONTROL_PLANE = ROOT / "tests/tools/control-plane/control-plane"
sys.path.insert(0, str(CONTROL_PLANE.parent))

from processes import Failure, Processes, clock  # noqa: E402 (it is found by the line above)

SECONDS_BETWEEN_PROGRESS = 30
LINES_OF_A_FAILURE = 60
PROGRESS_OF_CARGO = re.compile(r" +(Compiling|Downloading|Downloaded|Updating|Locking|Blocking) ")


def build_together(commands, signals):
    """Runs these commands, by name, to their end. The first that fails stops the others and raises Failure."""
    started = said = clock()
    with Processes(prefix="cognito-mfa-demo-build-") as processes:
        logs = {name: pathlib.Path(processes.folder, name) for name in commands}
        running = {name: processes.spawn([str(word) for word in command], logs[name], cwd=ROOT)
                   for name, command in commands.items()}
        while running:
            signals.pause(1)
            for name in [name for name, process in running.items() if process.poll() is not None]:
                finish(name, running.pop(name), logs[name], clock() - started)
            if running and clock() - said > SECONDS_BETWEEN_PROGRESS:
                said = clock()
                show_progress({name: logs[name] for name in running}, said - started)


def finish(name, process, log, seconds):
    if process.returncode != 0:
        raise Failure(f"The build of {name} failed with code {process.returncode}:\n{words_of(log)}")
    terminal.output(f"  {name}: built in {seconds:.0f} s")


def show_progress(logs, seconds):
    terminal.output(f"After {seconds:.0f} s:")
    for name, log in logs.items():
        terminal.output(f"  {name}: {last_line(log)}")


def last_line(log):
    lines = log.read_text(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "started")


def words_of(log):
    """The end of a log, without the lines that only say what cargo compiled."""
    lines = log.read_text(errors="replace").splitlines()
    return "\n".join([line for line in lines if not PROGRESS_OF_CARGO.match(line)][-LINES_OF_A_FAILURE:])
