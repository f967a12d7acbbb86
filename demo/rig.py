"""The processes of the emulator and the operator, and the commands that the steps run."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

import terminal

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARIES = pathlib.Path(os.environ["RUST_BINARIES"])
WAIT_SECONDS = 60
STOP_SECONDS = 60
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# These variables of the machine would change the demo: AWS accounts, proxies, flags of the operator.
NOT_OURS = re.compile(
    "aws_.*|.*_proxy|emulator_.*|rust_log|listen|watch_namespaces|drift_check_interval|quota_share|concurrency|"
    "tolerate_settings|accounts_file|max_low.*|allow_dis.*|log_format|leader_elect.*|lease_.*", re.IGNORECASE)


class Failed(Exception):
    """A step did not end as expected."""


class Rig:
    """A context manager. At its end it stops all processes, and keeps the logs only when a step failed."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cognito-mfa-demo-"))
        self.emulator = self.operator = None
        self.environment = {name: value for name, value in os.environ.items() if not NOT_OURS.fullmatch(name)}
        self.kubectl_environment = self.environment

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for process in filter(None, (self.operator, self.emulator)):
            stop(process)
        if kind is None or kind is KeyboardInterrupt:
            shutil.rmtree(self.folder, ignore_errors=True)

    def log(self, name):
        return self.folder / f"{name}.log"

    def start(self, name, *arguments, **options):
        with open(self.log(name), "wb") as log:
            return subprocess.Popen([BINARIES / name, *arguments], cwd=ROOT, stderr=log, text=True, **options)

    def start_emulator(self):
        self.emulator = self.start("cognito-emulator", env=self.environment, stdout=subprocess.PIPE)
        address = self.emulator.stdout.readline().strip()
        if not address:
            raise Failed("cognito-emulator exited before it printed its address")
        self.environment |= aws_settings(f"http://{address}")

    def start_operator(self, token, flags):
        """Uses the token of its ServiceAccount, so that it has only the permissions that deploy/ grants."""
        config = json.loads(pathlib.Path(self.environment["KUBECONFIG"]).read_text())
        config["users"][0]["user"] = {"token": token}
        kubeconfig = self.folder / "operator-kubeconfig"
        kubeconfig.write_text(json.dumps(config))
        environment = {**self.environment, "KUBECONFIG": str(kubeconfig)}
        arguments = ["run", "--listen", "127.0.0.1:0", *flags]
        self.operator = self.start("cognito-mfa-operator", *arguments, env=environment)
        self.wait_for_operator("log its address", lambda: self.operator_address() is not None)
        self.wait_for_operator("become ready", self.operator_is_ready)

    def wait_for_event(self, name, reason):
        """Events are published after the status is written, so waiting for the status is not enough."""
        command = ["kubectl", "get", "events", "--output=name",
                   f"--field-selector=involvedObject.name={name},reason={reason}"]
        self.wait_for_operator(f"publish an event with the reason {reason}", lambda: self.run_quietly(*command) != "")

    def wait_for_operator(self, what, happened):
        deadline = time.monotonic() + WAIT_SECONDS
        while not happened():
            if time.monotonic() > deadline:
                raise Failed(f"the operator did not {what} within {WAIT_SECONDS} s")
            try:
                self.operator.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            raise Failed(f"the operator exited with code {self.operator.returncode}")

    def operator_address(self):
        match = re.search(r"listen=([\d.]+:\d+)", self.log("cognito-mfa-operator").read_text())
        return match and match[1]

    def operator_is_ready(self):
        try:
            return http("GET", f"http://{self.operator_address()}/readyz")[0] == 200
        except OSError:
            return False

    def admin(self, method, path, body=None):
        """Calls the emulator's admin path, which scripts changes that come from outside the MFA API."""
        return json.loads(http(method, f"{self.environment['AWS_ENDPOINT_URL']}/_admin/{path}", body)[1])

    def pool(self, pool_id, **state):
        self.admin("PUT", f"pools/{pool_id}", state)

    def writes(self, pool_id):
        """Counts the calls of SetUserPoolMfaConfig on the pool, by any client."""
        calls = self.admin("GET", "calls")
        return sum(call["operation"] == "SetUserPoolMfaConfig" and call["pool"] == pool_id for call in calls)

    def run_quietly(self, *command):
        """Runs a command that the demo does not show, and returns its output."""
        environment = self.kubectl_environment if command[0] == "kubectl" else self.environment
        result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise Failed(f"{' '.join(command)}: {result.stderr.strip()}")
        return result.stdout.strip()

    def run(self, command, *shows, fails=False):
        """Shows a command and its output. The output must contain the texts; `fails` expects a failure."""
        terminal.command(command)
        environment = self.kubectl_environment if "kubectl" in command else self.environment
        result = subprocess.run(command, shell=True, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        terminal.output(result.stdout)
        if (result.returncode != 0) != fails:
            raise Failed(f"the last command exited with code {result.returncode}"
                         + (", although it should have been refused" if fails else ""))
        for text in shows:
            if text not in result.stdout:
                raise Failed(f"the output of the last command does not contain {text!r}")
        return result.stdout.strip()


def aws_settings(url):
    """The environment in which an AWS client connects to the emulator only."""
    return {
        "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "demo", "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_DEFAULT_REGION": "eu-west-1", "AWS_PAGER": "", "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def interrupt_once():
    """The first signal to stop raises KeyboardInterrupt: make passes on a SIGTERM that its whole group has got."""
    for signum in STOPPING:
        if signal.getsignal(signum) is not signal.SIG_IGN:  # nohup ignores SIGHUP, `&` in a script SIGINT.
            signal.signal(signum, interrupt)


def interrupt(signum, frame):
    ignore_signals()
    raise KeyboardInterrupt


def ignore_signals():
    for signum in STOPPING:
        signal.signal(signum, signal.SIG_IGN)


def stop(process):
    """Stops a process with SIGTERM, if need be with SIGKILL, and returns its exit code."""
    process.terminate()
    try:
        return process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def http(method, url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, method=method, data=data)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=10) as answer:
        return answer.status, answer.read()
