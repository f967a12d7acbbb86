"""Tests of where the control plane's programs come from."""

import os
import selectors
import shutil
import signal
import time
import unittest

from harness import DEADLINE_SECONDS, ControlPlaneTest, wait_until, write_program


class KubebuilderAssets(ControlPlaneTest):
    def test_are_taken_before_all_else(self):
        folder = self.assets()
        self.assertEqual(self.run_to_end("binaries")[1].strip(), str(folder))
        _, output, errors = self.run_to_end("run", "--", "printenv", "KUBECTL")
        self.assertEqual(output.strip(), str(folder / "kubectl"), errors)

    def test_that_lack_a_program_are_an_error_which_names_it(self):
        (self.assets() / "etcd").unlink()
        code, _, errors = self.run_to_end("binaries")
        self.assertEqual(code, 125)
        self.assertIn("holds no program etcd", errors)


class ABuild(ControlPlaneTest):
    """With an emulator for Go, since the real one takes minutes: shown is what is made of its result."""

    def go(self, build):
        """Puts a `go` in PATH whose builds do what `build` says, $output being the file to write."""
        find_output = 'while [ $# -gt 0 ]; do case $1 in -o) output=$2;; esac; package=$1; shift; done\n'
        (self.folder / "bin").mkdir()
        write_program(self.folder / "bin/go", f"#!/bin/sh\n[ $1 = build ] || exit 0\n{find_output}{build}\n")
        self.environment["PATH"] = f"{self.folder}/bin:{os.environ['PATH']}"
        self.empty_cache()

    def empty_cache(self):
        self.environment.pop("KUBEBUILDER_ASSETS", None)
        self.environment["XDG_CACHE_HOME"] = str(self.folder / "cache")

    def cached(self):
        return sorted(path.name for path in (self.folder / "cache").glob("*/*/*") if path.name != "lock")

    def test_that_fails_is_not_taken_for_whole_and_shows_what_go_said(self):
        self.go('printf half >$output; chmod +x $output; echo "no route to the proxy" >&2; exit 1')
        code, _, errors = self.run_to_end("binaries")
        self.assertEqual(code, 125)
        self.assertIn("Go could not build kube-apiserver", errors)
        self.assertIn("no route to the proxy", errors)
        self.assertEqual(self.cached(), [])

    def test_that_is_killed_is_not_taken_for_whole_and_ends_go(self):
        for signum in (signal.SIGTERM, signal.SIGKILL):
            with self.subTest(signum.name):
                shutil.rmtree(self.folder / "bin", ignore_errors=True)
                began = self.folder / f"began-{signum.name}"
                self.go(f"printf half >$output; chmod +x $output; touch {began}; sleep 1000")
                process = self.start("binaries")
                wait_until(began.exists, "the build began")
                process.send_signal(signum)
                process.communicate(timeout=DEADLINE_SECONDS)
                wait_until(lambda: not self.alive(), lambda: f"all processes ended: {self.alive()}")
                wait_until(lambda: self.cached() == [], lambda: f"the half-built is gone: {self.cached()}")

    def test_is_done_once_by_two_that_come_together(self):
        calls, go_on = self.folder / "calls", self.folder / "go-on"
        self.go(f"echo $package >>{calls}; until [ -e {go_on} ]; do sleep 0.1; done; cp /bin/sh $output")
        both = [self.start("binaries") for _ in range(2)]
        waiting = first_line_with(both, "waiting")
        go_on.touch()
        for process in both:
            process.communicate(timeout=DEADLINE_SECONDS)
        self.assertTrue(waiting)
        self.assertEqual([process.returncode for process in both], [0, 0])
        self.assertEqual(len(calls.read_text().split()), 3)
        self.assertEqual(self.cached(), ["etcd", "kube-apiserver", "kubectl"])

    def test_of_programs_of_two_modules_prints_the_folder_of_each(self):
        self.go("cp /bin/sh $output")
        code, output, errors = self.run_to_end("binaries", "helm", "kustomize")
        self.assertEqual(code, 0, errors)
        self.assertRegex(output, r"/control-plane-v[^/:]+:.*/argocd-v[^/:]+$")
        self.assertEqual(self.cached(), ["helm", "kustomize"])

    def test_without_go_says_what_to_install(self):
        self.empty_cache()
        self.environment["PATH"] = str(self.folder)
        code, _, errors = self.run_to_end("binaries")
        self.assertEqual(code, 125)
        self.assertRegex(errors, r"no go in PATH.*install Go 1\.\d+ or newer.*KUBEBUILDER_ASSETS")

    def test_with_a_go_that_refuses_the_module_says_what_to_install(self):
        self.go("")
        refusal = "go: go.mod requires go >= 1.26.0 (running go 1.22.1)"
        write_program(self.folder / "bin/go", f"#!/bin/sh\necho '{refusal}'; exit 1\n")
        code, _, errors = self.run_to_end("binaries")
        self.assertEqual(code, 125)
        self.assertRegex(errors, r"running go 1\.22\.1.*install Go 1\.\d+ or newer")

    def test_of_an_unknown_program_lists_the_known_ones(self):
        code, _, errors = self.run_to_end("binaries", "kubelet")
        self.assertEqual(code, 125)
        self.assertRegex(errors, "no program is called kubelet: choose among .*kube-apiserver")


def first_line_with(processes, word):
    """Reads the errors of several at once until one of them says the word."""
    with selectors.DefaultSelector() as selector:
        for process in processes:
            selector.register(process.stderr, selectors.EVENT_READ)
        ends = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < ends:
            for key, _ in selector.select(1):
                line = key.fileobj.readline()
                if word in line:
                    return line
    return None


if __name__ == "__main__":
    unittest.main()
