"""The builds of the demo, which run at the same time."""

import contextlib
import io
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

from build import CONTROL_PLANE, build_together
from commands import run
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


class EnvtestPrograms(unittest.TestCase):
    """KUBEBUILDER_ASSETS names a folder that has the programs already."""

    def binaries(self, *names):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name in names:
            os.symlink(shutil.which(name), f"{folder.name}/{name}")
        # Without Go in PATH nothing can be built.
        environment = {"KUBEBUILDER_ASSETS": folder.name, "XDG_CACHE_HOME": f"{folder.name}/cache", "PATH": "/nowhere"}
        return folder.name, run(sys.executable, CONTROL_PLANE, "binaries", env=environment, check=False)

    def test_they_are_used_in_place_of_a_build(self):
        folder, ended = self.binaries("kube-apiserver", "etcd", "kubectl")
        self.assertEqual((ended.stdout.strip(), ended.returncode), (folder, 0), ended.stderr)

    def test_a_folder_without_one_of_them_is_refused(self):
        _, ended = self.binaries("kube-apiserver", "kubectl")
        self.assertEqual(ended.returncode, 125)
        self.assertIn("holds no program etcd", ended.stderr)


if __name__ == "__main__":
    unittest.main()
