"""Tests of the control plane itself, on the real programs (on Linux: they read /proc)."""

import json
import os
import shutil
import signal
import subprocess
import sys
import unittest

from harness import DEADLINE_SECONDS, ControlPlaneTest, wait_until

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


class TheCommand(ControlPlaneTest):
    def test_has_a_server_that_answers_under_kubeconfig(self):
        code, output, errors = self.run_to_end("run", "--", "kubectl", "get", "--raw", "/readyz")
        self.assertEqual((code, output), (0, "ok"), errors)
        self.assert_nothing_is_left()

    def test_finds_the_same_kubectl_in_path_and_in_the_environment(self):
        _, output, _ = self.run_to_end("run", "--", "sh", "-c", 'command -v kubectl && echo "$KUBECTL"')
        self.assertEqual(len(set(output.split())), 1, output)

    def test_has_a_cache_of_kubectl_that_goes_with_the_server(self):
        script = 'kubectl get pods && ls -d "$KUBECACHEDIR/discovery"'
        code, output, errors = self.run_to_end("run", "--", "sh", "-c", script)
        self.assertEqual((code, output.startswith(str(self.temporary))), (0, True), errors)
        self.assert_nothing_is_left()

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
        wait_until(lambda: any("sleep\0001000" in line for line in self.alive().values()), "its child runs")
        process.terminate()
        process.communicate(timeout=DEADLINE_SECONDS)
        self.assertEqual(process.returncode, 3)
        self.assert_nothing_is_left()


if __name__ == "__main__":
    unittest.main()
