"""What the tests of the control plane share: its script as a process, and what is left of it."""

import contextlib
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parent / "control-plane"
DEADLINE_SECONDS = 60


class ControlPlaneTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.temporary = self.folder / "temporary"
        self.temporary.mkdir()
        self.environment = {**os.environ, "TMPDIR": str(self.temporary)}
        self.addCleanup(lambda: kill_all(self.alive()))

    def start(self, *arguments):
        process = subprocess.Popen([sys.executable, str(SCRIPT), *arguments], env=self.environment, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.addCleanup(finish, process)
        return process

    def run_to_end(self, *arguments):
        process = self.start(*arguments)
        output, errors = process.communicate(timeout=DEADLINE_SECONDS)
        return process.returncode, output, errors

    def start_with_a_long_command(self, *options):
        """Comes back when the command runs, with a child of its own that would outlive it."""
        began = self.folder / "began"
        process = self.start("run", *options, "--", "sh", "-c", f"sleep 1000 & touch {began}; wait")
        wait_until(began.exists, "the command began")
        self.assertTrue(any("kube-apiserver" in line for line in self.alive().values()), self.alive())
        return process

    def alive(self):
        """Every process that has our TMPDIR: {pid: command line}."""
        return processes_with(f"TMPDIR={self.temporary}")

    def assert_nothing_is_left(self):
        wait_until(lambda: not self.alive(), lambda: f"all processes ended: {self.alive()}")
        wait_until(lambda: not any(self.temporary.iterdir()), "the temporary folder is gone")

    def programs(self):
        """The folder of the real programs."""
        code, output, errors = self.run_to_end("binaries")
        self.assertEqual(code, 0, errors)
        return pathlib.Path(output.strip())

    def assets(self, **scripts):
        """A folder for KUBEBUILDER_ASSETS: links to the real programs, or the script given for one."""
        real, folder = self.programs(), self.folder / "assets"
        folder.mkdir()
        for name in ("kube-apiserver", "etcd", "kubectl"):
            (folder / name).symlink_to(real / name)
        for name, text in scripts.items():
            name = name.replace("_", "-")
            (folder / name).unlink()
            write_program(folder / name, text.format(real=real / name))
        self.environment["KUBEBUILDER_ASSETS"] = str(folder)
        return folder


def wait_until(condition, what):
    ends = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        if time.monotonic() > ends:
            what = what() if callable(what) else what
            raise AssertionError(f"did not come within {DEADLINE_SECONDS} s: {what}")
        time.sleep(0.05)


def processes_with(variable):
    """{pid: command line} of all processes, the ended ones apart, that have this in their environment."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if variable.encode() in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_text()
    return found


def kill_all(pids):
    """Ends what a failed test left running."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def finish(process):
    """Ends and reaps a process that a test has started."""
    process.kill()
    process.communicate()


def write_program(path, text):
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
