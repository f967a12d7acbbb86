"""Child processes that end when this one ends, whatever ends it."""

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_SECONDS = 10

# Outlives this process by a moment: the pipe on its standard input closes when we end, even by SIGKILL.
# Each line read from it is a process group. A dying process may still finish a system call that makes a
# file, hence the second try.
GUARDIAN = """
while read -r group; do groups="$groups -$group"; done
test -z "$groups" || kill -s KILL -- $groups
rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }
"""


class Failure(Exception):
    """Something the user can read and act on."""


class Stopped(Exception):
    """A signal asked this process to end."""

    def __init__(self, signum):
        super().__init__(signum)
        self.signum = signum


class Signals:
    """Signals as bytes on a pipe, read at `pause` alone: no handler interrupts a step half done."""

    def __init__(self):
        self.reader, writer = os.pipe()
        os.set_blocking(self.reader, False)
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for signum in (*STOPPING, signal.SIGCHLD):
            # What our parent had us ignore (nohup) stays ignored.
            if signum == signal.SIGCHLD or signal.getsignal(signum) is not signal.SIG_IGN:
                signal.signal(signum, lambda *_: None)

    def pause(self, seconds=None):
        """Sleeps until a child ends or the time is over. Raises Stopped when asked to end."""
        if select.select([self.reader], [], [], seconds)[0]:
            for signum in os.read(self.reader, 512):
                if signum in STOPPING:
                    raise Stopped(signum)


class Processes:
    """A temporary folder and the processes that live in it. As a context it leaves neither behind."""

    def __init__(self, parent_folder=None, prefix="control-plane-"):
        self.folder = tempfile.mkdtemp(prefix=prefix, dir=parent_folder)
        self.children = []
        reader, self.guardian_pipe = os.pipe()
        self.guardian = subprocess.Popen(
            ["/bin/sh", "-c", GUARDIAN, "guardian", self.folder],
            stdin=reader, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(reader)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for child in reversed(self.children):
            end(child)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.guardian.kill()
        self.guardian.wait()
        os.close(self.guardian_pipe)

    def spawn(self, argv, log=None, **options):
        """Starts a process in a session (so a group) of its own; with `log`, its output goes to that file."""
        output = open(log, "wb") if log else None
        try:
            child = subprocess.Popen(
                argv, stdin=output and subprocess.DEVNULL, stdout=output, stderr=output and subprocess.STDOUT,
                start_new_session=True, preexec_fn=self._report_group, **options)
        finally:
            if output:
                output.close()
        self.children.append(child)
        return child

    def _report_group(self):
        # Said by the child before it becomes the program: there is no moment at which it runs unguarded.
        os.write(self.guardian_pipe, b"%d\n" % os.getpid())


def signal_group(child, signum):
    """Sends a signal to all of a child's group: what it left behind is in there after its own end."""
    try:
        os.killpg(child.pid, signum)
    except (ProcessLookupError, PermissionError):
        pass


def end(child, signum=signal.SIGKILL):
    """Ends a child and its group: by `signum`, and by SIGKILL when that is not enough."""
    if signum != signal.SIGKILL:
        signal_group(child, signum)
        try:
            child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            pass
    signal_group(child, signal.SIGKILL)
    child.wait()


def tail(path, lines=20):
    """The last lines of a log, indented, for an error message."""
    with open(path, errors="replace") as log:
        return "".join("    " + line.rstrip("\n") + "\n" for line in log.readlines()[-lines:])


def say(text):
    """Progress, on standard error: standard output is for results."""
    print(text, file=sys.stderr, flush=True)


def clock():
    """Seconds, for deadlines and durations."""
    return time.monotonic()
