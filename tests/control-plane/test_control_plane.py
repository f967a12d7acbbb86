"""Tests of the control plane itself, on the real programs (on Linux: they read /proc)."""

import contextlib
import json
import os
import pathlib
import selectors
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

HOLD_A_PORT_ONCE = """#!{python}
import os, socket, sys
marker, program = {marker!r}, {program!r}
if not os.path.exists(marker):
    open(marker, "w").close()
    thief = socket.socket()
    thief.bind(("127.0.0.1", {port}))
    thief.listen()
    thief.set_inheritable(True)
os.execv(program, [program, *sys.argv[1:]])
"""

AS_A_SERVICE_ACCOUNT = """
kubectl create namespace team && kubectl -n team create serviceaccount reader
kubectl -n team create role reader --verb=list --resource=configmaps
kubectl -n team create rolebinding reader --role=reader --serviceaccount=team:reader
token=$(kubectl -n team create token reader)
kubectl --token="$token" -n team get configmaps && ! kubectl --token="$token" -n team get secrets
"""


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


class TheCommand(ControlPlaneTest):
    def test_has_a_server_that_answers_under_kubeconfig(self):
        code, output, errors = self.run_to_end("run", "--", "kubectl", "get", "--raw", "/readyz")
        self.assertEqual((code, output), (0, "ok"), errors)
        self.assert_nothing_is_left()

    def test_finds_the_same_kubectl_in_path_and_in_the_environment(self):
        _, output, _ = self.run_to_end("run", "--", "sh", "-c", 'command -v kubectl && echo "$KUBECTL"')
        self.assertEqual(len(set(output.split())), 1, output)

    def test_passes_its_exit_code_through(self):
        code, _, errors = self.run_to_end("run", "--", "sh", "-c", "exit 7")
        self.assertEqual(code, 7, errors)
        self.assert_nothing_is_left()

    def test_that_does_not_exist_is_named_in_the_error(self):
        code, _, errors = self.run_to_end("run", "--", "no-such-command")
        self.assertEqual(code, 127)
        self.assertIn("cannot run no-such-command", errors)
        self.assert_nothing_is_left()

    def test_leaves_no_background_process_behind(self):
        code, _, errors = self.run_to_end("run", "--", "sh", "-c", "sleep 1000 >/dev/null 2>&1 &")
        self.assertEqual(code, 0, errors)
        self.assert_nothing_is_left()

    def test_may_have_a_double_dash_of_its_own(self):
        _, output, _ = self.run_to_end("run", "--", "printf", "%s.", "a", "--", "b")
        self.assertEqual(output, "a.--.b.")


class TheServer(ControlPlaneTest):
    def test_mints_tokens_and_logs_just_what_they_were_used_for(self):
        log = self.folder / "audit.log"
        log.write_text("of an earlier run\n")
        command = ["sh", "-ec", AS_A_SERVICE_ACCOUNT]
        code, _, errors = self.run_to_end("run", "--audit-log", str(log), "--", *command)
        self.assertEqual(code, 0, errors)
        events = [json.loads(line) for line in log.read_text().splitlines()]
        asked = {(event["user"]["username"], event["verb"], event["objectRef"]["resource"],
                  event["objectRef"]["namespace"]) for event in events}
        reader = "system:serviceaccount:team:reader"
        self.assertEqual(asked, {(reader, "list", "configmaps", "team"), (reader, "list", "secrets", "team")})
        decided = {event["annotations"]["authorization.k8s.io/decision"] for event in events
                   if event["stage"] == "ResponseComplete"}
        self.assertEqual(decided, {"allow", "forbid"})

    def test_does_not_clash_with_another(self):
        together = self.folder / "together"
        together.mkdir()
        wait = f"touch {together}/$$; until [ $(ls {together} | wc -l) = 2 ]; do sleep 0.1; done; "
        look = "kubectl create namespace mine >/dev/null && kubectl config view -o jsonpath='{..server}'"
        both = [self.start("run", "--", "sh", "-ec", wait + look) for _ in range(2)]
        ends = [process.communicate(timeout=DEADLINE_SECONDS) for process in both]
        self.assertEqual([process.returncode for process in both], [0, 0], ends)
        self.assertEqual(len({output for output, _ in ends}), 2, ends)
        self.assert_nothing_is_left()

    def test_that_dies_ends_the_command_and_is_named(self):
        process = self.start_with_a_long_command()
        server = [pid for pid, line in self.alive().items() if "kube-apiserver" in line.split("\0")[0]]
        os.kill(server[0], signal.SIGKILL)
        _, errors = process.communicate(timeout=DEADLINE_SECONDS)
        self.assertEqual(process.returncode, 125)
        self.assertIn("kube-apiserver ended by itself", errors)
        self.assert_nothing_is_left()

    def test_starts_again_when_its_port_was_taken(self):
        for name, port in (
            ("etcd", "int(sys.argv[sys.argv.index('--listen-client-urls') + 1].rsplit(':', 1)[1])"),
            ("kube_apiserver", "int(sys.argv[sys.argv.index('--secure-port') + 1])"),
        ):
            with self.subTest(name):
                shutil.rmtree(self.folder / "assets", ignore_errors=True)
                self.environment.pop("KUBEBUILDER_ASSETS", None)
                marker, real = self.folder / f"stolen-{name}", str(self.programs() / name.replace("_", "-"))
                thief = HOLD_A_PORT_ONCE.format(
                    python=sys.executable, marker=str(marker), program=real, port=port)
                self.assets(**{name: thief})
                code, output, errors = self.run_to_end("run", "--", "kubectl", "get", "--raw", "/readyz")
                self.assertEqual((code, output), (0, "ok"), errors)
                self.assertTrue(marker.exists())
                self.assert_nothing_is_left()

    def test_that_cannot_start_shows_the_end_of_its_log(self):
        self.assets(kube_apiserver="#!/bin/sh\nexec {real} --no-such-flag \"$@\"\n")
        code, _, errors = self.run_to_end("run", "--", "true")
        self.assertEqual(code, 125)
        self.assertIn("unknown flag: --no-such-flag", errors)
        self.assert_nothing_is_left()


class AnEnd(ControlPlaneTest):
    def test_by_a_signal_leaves_no_process_and_no_folder(self):
        for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(signum.name):
                (self.folder / "began").unlink(missing_ok=True)
                process = self.start_with_a_long_command()
                process.send_signal(signum)
                process.communicate(timeout=DEADLINE_SECONDS)
                self.assertEqual(process.returncode, 128 + signum)
                self.assert_nothing_is_left()

    def test_by_sigkill_leaves_no_process_and_no_folder(self):
        process = self.start_with_a_long_command()
        process.kill()
        process.wait(DEADLINE_SECONDS)
        self.assert_nothing_is_left()

    def test_by_sigkill_while_the_servers_start_leaves_nothing_either(self):
        process = self.start("run", "--", "true")
        wait_until(lambda: any("etcd" in line for line in self.alive().values()), "etcd was started")
        process.kill()
        process.wait(DEADLINE_SECONDS)
        self.assert_nothing_is_left()

    def test_without_a_command_comes_with_the_signal(self):
        process = self.start("run")
        line = process.stdout.readline()
        self.assertTrue(line.startswith("export KUBECONFIG="), line)
        settings = line + process.stdout.readline() + process.stdout.readline()
        ask = ["sh", "-c", settings + "kubectl get --raw /readyz"]
        asked = subprocess.run(ask, capture_output=True, text=True, timeout=DEADLINE_SECONDS)
        self.assertEqual(asked.stdout, "ok", asked.stderr)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=DEADLINE_SECONDS)
        self.assertEqual(process.returncode, 0)
        self.assert_nothing_is_left()

    def test_waits_for_the_signal_with_keep_and_background_processes_live_till_then(self):
        process = self.start("run", "--keep", "--", "sh", "-c", "sleep 1000 >/dev/null 2>&1 & exit 3")
        self.assertTrue(process.stdout.readline().startswith("export KUBECONFIG="))
        self.assertTrue(any("sleep\0001000" in line for line in self.alive().values()), self.alive())
        process.terminate()
        process.communicate(timeout=DEADLINE_SECONDS)
        self.assertEqual(process.returncode, 3)
        self.assert_nothing_is_left()


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
    """With a stand-in for Go, since the real one takes minutes: shown is what is made of its result."""

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


if __name__ == "__main__":
    unittest.main()
