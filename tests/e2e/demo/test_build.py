"""The builds of the demo, which run at the same time."""

import contextlib
import io
import os
import pathlib
import tempfile
import unittest

from build import build_together
from processes import Failure, Signals


class Builds(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.pid = pathlib.Path(folder.name, "pid")

    def build(self, **scripts):
        with contextlib.redirect_stdout(io.StringIO()) as output:
            build_together({name: ["sh", "-c", script, "sh", self.pid] for name, script in scripts.items()}, Signals())
        return output.getvalue()

    def test_a_failure_is_shown_and_stops_the_other_builds(self):
        fails = 'until test -s "$1"; do sleep 0.05; done; echo "   Compiling kube v1"; echo "error: no such type"; exit 3'
        with self.assertRaisesRegex(Failure, "^The build of Rust failed with code 3:\nerror: no such type$"):
            self.build(Rust=fails, Go='echo $$ > "$1"; exec sleep 600')
        with self.assertRaises(ProcessLookupError):
            os.kill(int(self.pid.read_text()), 0)

    def test_the_builds_run_at_the_same_time(self):
        output = self.build(Rust='until test -s "$1"; do sleep 0.05; done', Go='echo ready > "$1"')
        self.assertIn("Rust: built", output)
        self.assertIn("Go: built", output)


if __name__ == "__main__":
    unittest.main()
