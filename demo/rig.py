"""The emulator and the operator as processes, and the commands that the story runs beside them."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request

import terminal

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARIES = pathlib.Path(os.environ["RUST_BINARIES"])
WAIT_SECONDS = 60
STOP_SECONDS = 60
# What the machine has set must not get into the demo: AWS accounts, proxies, the operator's own settings.
NOT_OURS = re.compile(
    "aws_.*|.*_proxy|emulator_.*|rust_log|listen|watch_namespaces|drift_check_interval|quota_share|concurrency|"
    "tolerate_settings|accounts_file|max_low.*|allow_dis.*|log_format|leader_elect.*|lease_.*", re.IGNORECASE)


class Failed(Exception):
    """What did not happen as the story has it."""


class Rig:
    """As a context it leaves no process behind, and its logs only when the story failed."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cognito-mfa-demo-"))
        self.emulator = self.operator = None
        self.environment = {name: value for name, value in os.environ.items() if not NOT_OURS.fullmatch(name)}

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
            raise Failed("cognito-emulator ended instead of printing its address")
        self.environment |= aws_settings(f"http://{address}")

    def start_operator(self, token):
        """Under its ServiceAccount's token: it has the rights that deploy/ grants, and no others."""
        config = json.loads(pathlib.Path(self.environment["KUBECONFIG"]).read_text())
        config["users"][0]["user"] = {"token": token}
        kubeconfig = self.folder / "operator-kubeconfig"
        kubeconfig.write_text(json.dumps(config))
        environment = {**self.environment, "KUBECONFIG": str(kubeconfig)}
        arguments = ["run", "--listen", "127.0.0.1:0"]
        self.operator = self.start("cognito-mfa-operator", *arguments, env=environment)
        self.wait_for_operator("say where it listens", lambda: self.operator_address() is not None)
        self.wait_for_operator("get ready", self.operator_is_ready)

    def wait_for_event(self, name, reason):
        """An event is published after the status is written, so that a wait for the status is too short."""
        command = ["kubectl", "get", "events", "--output=name",
                   f"--field-selector=involvedObject.name={name},reason={reason}"]
        self.wait_for_operator(f"publish an event {reason}", lambda: self.quietly(*command) != "")

    def wait_for_operator(self, what, happened):
        deadline = time.monotonic() + WAIT_SECONDS
        while not happened():
            if time.monotonic() > deadline:
                raise Failed(f"the operator did not {what} within {WAIT_SECONDS} s")
            try:
                self.operator.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            raise Failed(f"the operator ended with code {self.operator.returncode}")

    def operator_address(self):
        found = re.search(r"listen=([\d.]+:\d+)", self.log("cognito-mfa-operator").read_text())
        return found and found[1]

    def operator_is_ready(self):
        try:
            return http("GET", f"http://{self.operator_address()}/readyz")[0] == 200
        except OSError:
            return False

    def admin(self, method, path, body=None):
        """The emulator's admin path, which plays what happens outside the MFA API."""
        return json.loads(http(method, f"{self.environment['AWS_ENDPOINT_URL']}/_admin/{path}", body)[1])

    def pool(self, pool_id, **state):
        self.admin("PUT", f"pools/{pool_id}", state)

    def sets(self, pool_id):
        """How often SetUserPoolMfaConfig was called on the pool, by whomever."""
        calls = self.admin("GET", "calls")
        return sum(call["operation"] == "SetUserPoolMfaConfig" and call["pool"] == pool_id for call in calls)

    def quietly(self, *command):
        """What a command prints that is no part of the story."""
        ended = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        if ended.returncode != 0:
            raise Failed(f"{' '.join(command)}: {ended.stderr.strip()}")
        return ended.stdout.strip()

    def run(self, command, *shows, fails=False):
        """Shows a command and its output. It must end as told, and show the texts."""
        terminal.command(command)
        ended = subprocess.run(command, shell=True, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        terminal.output(ended.stdout)
        if (ended.returncode != 0) != fails:
            raise Failed(f"the last command ended with code {ended.returncode}"
                         + (": it was to be refused" if fails else ""))
        for text in shows:
            if text not in ended.stdout:
                raise Failed(f"the last command was to show {text!r}")
        return ended.stdout.strip()


def aws_settings(url):
    """What any AWS client needs to talk to the emulator and to nothing else."""
    return {
        "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "demo", "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_DEFAULT_REGION": "eu-west-1", "AWS_PAGER": "", "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def stop(process):
    """Ends a process by SIGTERM and returns its exit code."""
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
