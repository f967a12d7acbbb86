"""The operator's own scenarios: the real operator, a real API server, the target's pools. Its writes are counted.

Each scenario is a function that raises AssertionError where something else came, and returns nothing.
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import subprocess
import time

from commands import DEADLINE_SECONDS, ROOT, config, kubectl, wait_until
from kube import Kube
from processes import end
from programs import Programs, answers
from questions import PARTY, TOTP, first_factors

NAMESPACE = "acceptance"
ASKED = "cognito.mfaoperator.dev/reconcile-requested-at"
GET, SET = "GetUserPoolMfaConfig", "SetUserPoolMfaConfig"
OPERATOR = "operator"
CALLS = re.compile(r'^cognito_mfa_operator_aws_calls_total\{operation="(\w+)",code="(\w+)"\} (\d+)', re.M)


class Bench:
    """The operator that runs, the API server's objects and the pools."""

    def __init__(self, target, pools, port):
        self.target, self.pools, self.port, self.kube = target, pools, port, Kube()

    def pool(self, *settings, **fields):
        """A new pool; the settings are those of a write that somebody makes by hand."""
        pool = self.pools.create(fields)["UserPool"]["Id"]
        if settings:
            self.by_hand(pool, *settings)
        return pool

    def by_hand(self, pool, mode, *sections):
        merged = {name: value for section in sections for name, value in section.items()}
        self.target.call(SET, {"UserPoolId": pool, "MfaConfiguration": mode, **merged})

    def read(self, pool):
        return self.target.call(GET, {"UserPoolId": pool})

    def create(self, name, pool, **fields):
        self.kube.create("userpoolmfaconfigs", config(name, pool, **fields), NAMESPACE)

    def change(self, name, **fields):
        self.kube.patch("userpoolmfaconfigs", name, {"spec": fields}, NAMESPACE)

    def request(self, name):
        annotations = {ASKED: str(time.time_ns())}
        self.kube.patch("userpoolmfaconfigs", name, {"metadata": {"annotations": annotations}}, NAMESPACE)

    def status(self, name):
        found = self.kube.get("userpoolmfaconfigs", name, NAMESPACE)
        return (found or {}).get("status", {})

    def until_ready(self, name, reason):
        """Waits until Ready has this reason; its message."""
        def ready():
            conditions = {each["type"]: each for each in self.status(name).get("conditions", [])}
            found = conditions.get("Ready", {})
            return found if found.get("reason") == reason else None
        return wait_until(ready, lambda: f"{name} is {reason}, but: {self.status(name)}")["message"]

    def predicted(self, name):
        """What the command doctor says about an object, from a look at its pool: the verdict, and each refusal."""
        words = [binary(), "doctor", "--cluster", "--namespace", NAMESPACE, "--output", "json"]
        ended = subprocess.run(words, env=environment(self.target), stdout=subprocess.PIPE, text=True, check=False)
        [found] = [one for one in json.loads(ended.stdout) if one["name"] == name]
        return found["verdict"], [one["topic"] for one in found["findings"] if one["kind"] == "refused"]

    def until_gone(self, name):
        self.kube.delete("userpoolmfaconfigs", name, NAMESPACE)
        wait_until(lambda: self.kube.get("userpoolmfaconfigs", name, NAMESPACE) is None, f"{name} is gone")

    def calls(self):
        """The operator's calls so far, by operation and code."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_SECONDS)
        try:
            connection.request("GET", "/metrics")
            page = connection.getresponse().read().decode()
        finally:
            connection.close()
        return {(operation, code): int(count) for operation, code, count in CALLS.findall(page)}

    def sets(self):
        """The accepted and the refused writes so far, in the operator's metrics and, where it is asked, the emulator's."""
        if self.target.emulator:
            wait_until(lambda: self.total(SET) == self.arrived(), "as many writes in the metrics as at the emulator")
        accepted = self.calls().get((SET, "OK"), 0)
        return accepted, self.total(SET) - accepted

    def total(self, wanted):
        return sum(count for (operation, _), count in self.calls().items() if operation == wanted)

    def arrived(self):
        """The operator's writes in the emulator's log. AWS has none that could be read."""
        log = self.target.emulator.admin("GET", "calls")
        return sum(call["operation"] == SET and call["accessKeyId"] == OPERATOR for call in log)


def expect(found, wanted, what):
    if found != wanted:
        raise AssertionError(f"{what}: expected {wanted}, came {found}")


def create(bench):
    """An object for an untouched pool: the settings are written."""
    pool = bench.pool()
    bench.create("created", pool, deletionPolicy="Disable")
    bench.until_ready("created", "InSync")
    expect(bench.read(pool)["MfaConfiguration"], "ON", "the pool's mode")
    return pool


def drift(bench, pool):
    """Somebody turns MFA off: it is corrected, and the status says so."""
    bench.by_hand(pool, "OFF")
    bench.request("created")
    wait_until(lambda: bench.status("created").get("corrections"), lambda: f"a correction in {bench.status('created')}")
    bench.until_ready("created", "InSync")
    expect(bench.read(pool)["MfaConfiguration"], "ON", "the pool's mode")


def stronger(bench):
    """Somebody raises the mode above the declared one: it stays, and the status says so."""
    pool = bench.pool()
    bench.create("stronger", pool, mfaConfiguration="OPTIONAL")
    bench.until_ready("stronger", "InSync")
    bench.by_hand(pool, "ON", TOTP)
    bench.request("stronger")
    bench.until_ready("stronger", "StrongerThanDeclared")
    expect(bench.read(pool)["MfaConfiguration"], "ON", "the mode that somebody raised")


def adopt(bench):
    """An object that equals its pool: nothing is written."""
    pool = bench.pool("ON", TOTP)
    bench.create("adopted", pool)
    bench.until_ready("adopted", "InSync")
    return pool


def hold(bench):
    """An object that would take the relying party away: it waits, until it may overwrite."""
    pool = bench.pool("ON", TOTP, PARTY)
    bench.create("on-hold", pool)
    bench.until_ready("on-hold", "AdoptionHeld")
    expect(bench.read(pool)["WebAuthnConfiguration"]["RelyingPartyId"], "auth.example.com", "the relying party on hold")


def overwrite(bench):
    bench.change("on-hold", adoptionPolicy="Overwrite")
    bench.until_ready("on-hold", "InSync")


def fail(bench):
    """Passkeys are a first factor of this pool, so Cognito refuses ON without multi-factor passkeys."""
    pool = bench.pool(**first_factors("WEB_AUTHN"))
    bench.create("refused", pool)
    wait_until(lambda: "SINGLE_FACTOR" in bench.status("refused").get("lastError", {}).get("message", ""),
               lambda: f"AWS's words in {bench.status('refused')}")
    expect(bench.predicted("refused"), ("refused", ["Passkeys as a first factor"]), "what doctor predicts")
    return pool


def heal(bench, pool):
    """Somebody fixes the pool: the next check writes the settings."""
    bench.pools.update(pool, first_factors())
    expect(bench.predicted("refused"), ("accepted", []), "what doctor predicts")
    bench.request("refused")
    bench.until_ready("refused", "InSync")
    expect(bench.read(pool)["MfaConfiguration"], "ON", "the pool's mode")


def delete_disabling(bench, pool):
    bench.until_gone("created")
    expect(bench.read(pool)["MfaConfiguration"], "OFF", "the mode after a deletion with Disable")


def delete_retaining(bench, pool):
    bench.until_gone("adopted")
    expect(bench.read(pool)["MfaConfiguration"], "ON", "the mode after a deletion with Retain")


class Count:
    """Runs the scenarios and counts the writes of each: how many were accepted, and whether any was refused."""

    def __init__(self, bench, show):
        self.bench, self.show, self.found = bench, show, {}

    def __call__(self, name, accepted, refused, scenario, *arguments):
        before = self.bench.sets()
        came = scenario(self.bench, *arguments)
        writes = [after - earlier for after, earlier in zip(self.bench.sets(), before)]
        expect((writes[0], writes[1] > 0), (accepted, refused), f"writes in the scenario {name}")
        self.found[name] = {"acceptedWrites": writes[0], "refused": writes[1] > 0}
        self.show(f"ok        operator: {name}: {writes[0]} accepted writes, {writes[1]} refused", flush=True)
        return came


def run(target, pools, show=print):
    """All scenarios, and what they cost in writes."""
    with operator(target) as port:
        bench = Bench(target, pools, port)
        count = Count(bench, show)
        created = count("create", 1, False, create)
        count("drift", 1, False, drift, created)
        count("stronger by hand", 1, False, stronger)
        adopted = count("adopt", 0, False, adopt)
        count("hold", 0, False, hold)
        count("overwrite", 1, False, overwrite)
        broken = count("error", 0, True, fail)
        count("heal", 1, False, heal, broken)
        count("delete with Disable", 1, False, delete_disabling, created)
        count("delete with Retain", 0, False, delete_retaining, adopted)
        calls = {operation: bench.total(operation) for operation in (GET, SET)}
        show(f"ok        operator: all its calls: {calls}", flush=True)
        return {"scenarios": count.found, "calls": calls}


@contextlib.contextmanager
def operator(target):
    """The operator beside the API server of KUBECONFIG; its port."""
    kubectl("apply", "--server-side", "-f", ROOT / "crds" / "userpoolmfaconfigs.yaml")
    kubectl("wait", "--for=condition=Established", "crd/userpoolmfaconfigs.cognito.mfaoperator.dev")
    kubectl("create", "namespace", NAMESPACE)
    programs = Programs()
    process, [port] = programs.start(
        "operator", 1, lambda port: [binary(), "run", "--listen", f"127.0.0.1:{port}", "--allow-disable-on-delete"],
        lambda port: answers(port, "/readyz"), environment(target))
    try:
        yield port
    finally:
        end(process)


def binary():
    return pathlib.Path(os.environ["RUST_BINARIES"]) / "cognito-mfa-operator"


def environment(target):
    """On AWS the operator has the environment's identity; of this machine's AWS settings the emulator's has none."""
    if not target.emulator:
        return dict(os.environ)
    return {"KUBECONFIG": os.environ["KUBECONFIG"], "AWS_ENDPOINT_URL": target.emulator.url, "AWS_ACCESS_KEY_ID": OPERATOR,
            "AWS_SECRET_ACCESS_KEY": "any", "AWS_EC2_METADATA_DISABLED": "true"}
