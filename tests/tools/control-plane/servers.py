"""etcd and kube-apiserver on free ports, with an administrator's kubeconfig."""

import base64
import http.client
import json
import os
import secrets
import shutil
import socket
import ssl

from processes import Failure, clock, end, tail

ATTEMPTS = 5
READY_WITHIN_SECONDS = 120
ADDRESS_TAKEN = "address already in use"

# The order of the curve P-256.
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

# All that a ServiceAccount does is in the log, and the administrator (and the server itself) is not. No stage
# is left out: RequestReceived is written before the server answers, so a request that has been answered is in
# the log; ResponseComplete follows it and tells what was decided.
AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "rules": [{"level": "None", "userGroups": ["system:masters"]}, {"level": "Metadata"}],
}


def find_loopback():
    """127.0.0.1, or ::1 in a network without IPv4."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", 0))
            return "127.0.0.1"
        except OSError:
            return "::1"


LOOPBACK = find_loopback()
IS_IPV6 = ":" in LOOPBACK
SERVICE_ADDRESSES = "fd00:10::/112" if IS_IPV6 else "10.0.0.0/24"


def at_loopback(port):
    """The port as a part of a URL."""
    return f"[{LOOPBACK}]:{port}" if IS_IPV6 else f"{LOOPBACK}:{port}"


class PortTaken(Exception):
    """Somebody bound the port between our choosing it and the server's binding it."""


class ControlPlane:
    """A running API server and its etcd: `kubeconfig` is the path of the administrator's."""

    def __init__(self, programs, processes, signals, audit_log=None, emulated=None):
        self.programs, self.processes, self.signals = programs, processes, signals
        self.audit_log, self.emulated = audit_log, emulated
        self.token = secrets.token_hex(16)
        self.kubeconfig = self.path("kubeconfig")
        self.deadline = clock() + READY_WITHIN_SECONDS
        self.servers = {}
        self.commands = {}

    def path(self, name):
        return os.path.join(self.processes.folder, name)

    def log(self, name):
        return self.path(f"{name}.log")

    def start(self):
        """Comes back when the server is ready. Raises Failure with the log's last lines."""
        self.write("tokens.csv", f"{self.token},admin,1,system:masters\n")
        self.write("sa.key", signing_key())
        self.write("audit-policy.json", json.dumps(AUDIT_POLICY))
        etcd_url = self.on_free_ports(self.start_etcd)
        self.on_free_ports(lambda: self.start_api_server(etcd_url))

    def on_free_ports(self, start):
        for _ in range(ATTEMPTS):
            try:
                return start()
            except PortTaken:
                continue
        raise Failure(f"{ATTEMPTS} times a free port was taken by another program before a server could bind "
                      "it: run it again, or see what takes so many ports on this machine")

    def attend(self):
        """Does what the command asks for by a file of this name. The file goes when it is done."""
        for request, change in (("save", self.save), ("restore", self.restore)):
            if os.path.exists(self.path(request)):
                self.while_stopped(change)
                os.remove(self.path(request))

    def save(self):
        shutil.copytree(self.path("etcd"), self.path("etcd-saved"))

    def restore(self):
        shutil.rmtree(self.path("etcd"))
        shutil.copytree(self.path("etcd-saved"), self.path("etcd"))

    def while_stopped(self, change):
        """Stops both servers, makes a change, and starts them again on the same ports."""
        for name in ("kube-apiserver", "etcd"):
            end(self.servers.pop(name))
        change()
        self.deadline = clock() + READY_WITHIN_SECONDS
        self.spawn("etcd")
        self.wait_until("etcd", self.is_etcd_ready)
        self.spawn("kube-apiserver")
        self.wait_until("kube-apiserver", lambda: self.is_ready(self.port))

    def is_etcd_ready(self):
        # Its own word, not an answer on the port: that might be another control plane's etcd.
        return "ready to serve client requests" in self.read_log("etcd")

    def start_etcd(self):
        client, peer = (f"http://{at_loopback(port)}" for port in free_ports(2))
        self.serve("etcd", [
            "--data-dir", self.path("etcd"), "--unsafe-no-fsync",
            "--listen-client-urls", client, "--advertise-client-urls", client,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", f"default={peer}",
        ])
        self.wait_until("etcd", self.is_etcd_ready)
        return client

    def start_api_server(self, etcd_url):
        [self.port] = free_ports(1)
        self.serve("kube-apiserver", [
            "--etcd-servers", etcd_url,
            "--cert-dir", self.path("certificates"),
            # Without these two it wants a network interface beside the loopback.
            "--advertise-address", LOOPBACK, "--endpoint-reconciler-type", "none",
            "--bind-address", LOOPBACK, "--secure-port", str(self.port),
            "--token-auth-file", self.path("tokens.csv"),
            "--authorization-mode", "RBAC",
            "--service-account-issuer", "https://kubernetes.default.svc",
            "--service-account-key-file", self.path("sa.key"),
            "--service-account-signing-key-file", self.path("sa.key"),
            "--service-cluster-ip-range", SERVICE_ADDRESSES,
            # It would hold every Pod until a controller manager has made its namespace's account.
            "--disable-admission-plugins", "ServiceAccount",
            "--allow-privileged=true",
            *(["--emulated-version", self.emulated] if self.emulated else []),
            *self.audit_flags(),
        ])
        self.wait_until("kube-apiserver", lambda: self.is_ready(self.port))
        self.write("kubeconfig", json.dumps(kubeconfig(self.port, self.authority(), self.token), indent=2))

    def audit_flags(self):
        if not self.audit_log:
            return []
        return ["--audit-policy-file", self.path("audit-policy.json"), "--audit-log-path", self.audit_log,
                "--audit-log-mode", "blocking-strict", "--audit-log-maxsize", "10000"]

    def serve(self, name, arguments):
        self.commands[name] = [str(self.programs[name]), *arguments]
        self.spawn(name)

    def spawn(self, name):
        self.servers[name] = self.processes.spawn(self.commands[name], self.log(name), cwd=self.processes.folder)

    def wait_until(self, name, ready):
        while not ready():
            self.check()
            if clock() > self.deadline:
                raise Failure(f"{name} was not ready within {READY_WITHIN_SECONDS} s. "
                              f"The end of its log:\n{tail(self.log(name))}")
            self.signals.pause(0.05)

    def check(self):
        """Raises Failure when a server has ended."""
        for name, server in self.servers.items():
            if server.poll() is None:
                continue
            if ADDRESS_TAKEN in self.read_log(name) and not os.path.exists(self.kubeconfig):
                end(server)
                raise PortTaken
            raise Failure(f"{name} ended by itself with code {server.returncode}. "
                          f"The end of its log:\n{tail(self.log(name))}")

    def is_ready(self, port):
        """Whether the server says so and has made the namespace `default`, which /readyz does not await."""
        try:
            trust = ssl.create_default_context(cadata=self.authority())
            paths = ("/readyz", "/api/v1/namespaces/default")
            return all(self.get_status(port, path, trust) == 200 for path in paths)
        except (OSError, ValueError, http.client.HTTPException):
            return False

    def get_status(self, port, path, trust):
        # Not urllib: it would take a proxy from the environment.
        connection = http.client.HTTPSConnection(LOOPBACK, port, context=trust, timeout=10)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
            return connection.getresponse().status
        finally:
            connection.close()

    def authority(self):
        """The authority that the server made for itself: the last certificate of its chain."""
        begin = "-----BEGIN CERTIFICATE-----"
        with open(self.path("certificates/apiserver.crt"), encoding="ascii") as chain:
            return begin + chain.read().split(begin)[-1]

    def read_log(self, name):
        with open(self.log(name), errors="replace") as log:
            return log.read()

    def write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text)


def free_ports(count):
    """Ports that were free a moment ago, all different."""
    holders = [socket.socket(socket.AF_INET6 if IS_IPV6 else socket.AF_INET) for _ in range(count)]
    try:
        for holder in holders:
            holder.bind((LOOPBACK, 0))
        return [holder.getsockname()[1] for holder in holders]
    finally:
        for holder in holders:
            holder.close()


def signing_key():
    """A P-256 key as PEM (RFC 5915 with the public part left out), to sign ServiceAccount tokens with."""
    number = 1 + secrets.randbelow(P256_ORDER - 1)
    before, after = bytes.fromhex("30310201010420"), bytes.fromhex("a00a06082a8648ce3d030107")
    der = before + number.to_bytes(32, "big") + after
    return f"-----BEGIN EC PRIVATE KEY-----\n{base64.encodebytes(der).decode()}-----END EC PRIVATE KEY-----\n"


def kubeconfig(port, authority, token):
    """An administrator's kubeconfig (JSON is YAML) that needs no other file."""
    authority = base64.b64encode(authority.encode()).decode()
    cluster = {"server": f"https://{at_loopback(port)}", "certificate-authority-data": authority}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "control-plane", "cluster": cluster}],
        "users": [{"name": "admin", "user": {"token": token}}],
        "contexts": [{"name": "control-plane", "context": {"cluster": "control-plane", "user": "admin"}}],
        "current-context": "control-plane",
    }
