"""Programs that run beside a test, each on free ports, with a log that an error shows the end of."""

import atexit
import http.client
import os
import pathlib
import time

from commands import DEADLINE_SECONDS
from processes import Processes, tail
from servers import LOOPBACK, free_ports

ATTEMPTS = 5


class Programs:
    """A temporary folder and what runs in it. Both go when this process ends, whatever ends it."""

    def __init__(self):
        self.processes = Processes(prefix="test-")
        self.processes.__enter__()
        atexit.register(self.processes.__exit__, None, None, None)
        self.folder = pathlib.Path(self.processes.folder)

    def log(self, name):
        return self.folder / f"{name}.log"

    def start(self, name, ports, command, ready, environment=None):
        """Starts `command(*ports)` and waits for `ready(*ports)`; the process and its ports."""
        for _ in range(ATTEMPTS):
            chosen = free_ports(ports)
            process = self.processes.spawn([str(word) for word in command(*chosen)], self.log(name),
                                           cwd=self.folder, env=environment or os.environ)
            if self.is_up(name, process, lambda: ready(*chosen)):
                return process, chosen
        raise AssertionError(f"{ATTEMPTS} times another program took the port that was free for {name}")

    def is_up(self, name, process, ready):
        """Whether it got ready. False: its port was taken before it could bind it."""
        ends = time.monotonic() + DEADLINE_SECONDS
        while not ready():
            ended = process.poll() is not None
            if ended and "address already in use" in self.text(name).lower():
                return False
            if ended or time.monotonic() > ends:
                what = f"ended with code {process.returncode}" if ended else "did not get ready"
                raise AssertionError(f"{name} {what}. The end of its log:\n{tail(self.log(name))}")
            time.sleep(0.05)
        return True

    def text(self, name):
        return self.log(name).read_text(errors="replace")


def answers(port, path):
    """Whether something on this machine answers 200 there."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
