"""The image, as the cluster runs it. `make test-image` builds it and starts these in a network of their own."""

import base64
import json
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import unittest
import urllib.request
import zlib

import network

ROOT = pathlib.Path(__file__).resolve().parents[3]
IMAGE = pathlib.Path(os.environ["IMAGE"])
PROGRAM = "cognito-mfa-operator"
NOTICES = "THIRD-PARTY-NOTICES.txt"
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
SERVICE_ACCOUNT = "var/run/secrets/kubernetes.io/serviceaccount"
POOL = "eu-west-1_AbCdEf123"
DEADLINE_SECONDS = 120


class TheImage(unittest.TestCase):
    def test_holds_the_binary_the_authorities_and_the_licences_and_nothing_else(self):
        files = {str(path.relative_to(IMAGE / "root")) for path in (IMAGE / "root").rglob("*") if not path.is_dir()}
        self.assertEqual({name for name in files if not name.startswith("licenses/")}, {PROGRAM, CERTIFICATES})
        licences = {name.removeprefix("licenses/") for name in files if name.startswith("licenses/")}
        of_debian = {"debian-ca-certificates.txt", "debian-gcc-12.txt", "debian-glibc.txt"}
        texts = {"GPL-3.txt", "LGPL-2.1.txt", "MPL-2.0.txt", "rust-standard-library.html"}
        self.assertEqual(licences, {"LICENSE", NOTICES, *of_debian, *texts})

    def test_has_a_licence_of_each_crate_in_its_binary(self):
        notices = (IMAGE / "root/licenses" / NOTICES).read_text()
        # cargo-auditable also lists crates that a feature would add which is off.
        compiled = set(crates()) & linked()
        self.assertGreater(len(compiled), 200)
        missing = [crate for crate in compiled if not re.search(rf"(?m)^  {re.escape(crate)}(,|$)", notices)]
        self.assertEqual(missing, [])

    def test_says_where_the_source_of_the_c_library_is(self):
        """The LGPL wants it of whoever hands on a binary that glibc is linked into."""
        glibc = (IMAGE / "root/licenses/debian-glibc.txt").read_text()
        self.assertRegex(glibc, r"\Aglibc \S+, .* Its source: https://\S+/glibc/\S+")
        self.assertIn("GNU Lesser General Public", glibc)

    def test_trusts_the_public_authorities(self):
        self.assertGreater((IMAGE / "root" / CERTIFICATES).read_text().count("BEGIN CERTIFICATE"), 100)

    def test_runs_as_a_number_and_says_what_it_is(self):
        config = json.loads((IMAGE / "image.json").read_text())["OCIv1"]["config"]
        self.assertEqual(config["User"], "65532:65532")
        self.assertEqual((config["Entrypoint"], config["Cmd"]), ([f"/{PROGRAM}"], ["run"]))
        labels = {name.removeprefix("org.opencontainers.image."): text for name, text in config["Labels"].items()}
        self.assertEqual((labels["title"], labels["licenses"]), (PROGRAM, "Apache-2.0"))
        self.assertEqual(labels["version"], version())
        self.assertEqual(labels["revision"], output("git", "rev-parse", "HEAD"))

    def test_names_the_crates_that_are_in_its_binary(self):
        names = {crate.partition(" ")[0] for crate in crates()}
        self.assertLessEqual({"kube-client", "aws-sdk-cognitoidentityprovider", "rustls"}, names)
        self.assertFalse({"cognito-emulator", "proptest"} & names, "test crates")

    def test_needs_no_loader_and_no_library(self):
        said = subprocess.run(["chroot", "--userspec=65532:65532", IMAGE / "root", f"/{PROGRAM}", "--version"],
                              capture_output=True, text=True, check=True)
        self.assertEqual(said.stdout, f"{PROGRAM} {version()}\n")


class AnObject(unittest.TestCase):
    """Is reconciled with names from DNS, TLS to Cognito's own name, and a root that cannot be written."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="test-image-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def test_is_reconciled_by_the_image(self):
        self.start_cognito()
        self.install()
        self.start_operator()
        self.wait("be ready", self.is_ready)
        kubectl("apply", "--filename=-", given=an_object())
        until_ready = ["kubectl", "wait", "upmfa/customers", "--for=condition=Ready", f"--timeout={DEADLINE_SECONDS}s"]
        self.assertEqual(subprocess.call(until_ready, stdout=subprocess.DEVNULL), 0, self.log())
        live = json.loads(get(f"{self.emulator}/_admin/pools/{POOL}"))["live"]
        self.assertEqual(live["MfaConfiguration"], "ON")
        self.operator.send_signal(signal.SIGTERM)
        self.assertEqual(self.operator.wait(DEADLINE_SECONDS), 0, self.log())

    def start_cognito(self):
        process = subprocess.Popen([os.path.join(os.environ["RUST_BINARIES"], "cognito-emulator")], stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        address = process.stdout.readline().strip()
        self.emulator = f"http://{address}"
        get(f"{self.emulator}/_admin/pools/{POOL}", method="PUT", body=b"{}")
        self.authority, certificate, key = network.certificates(self.folder)
        network.serve_dns()
        network.serve_tls(int(address.rpartition(":")[2]), certificate, key)

    def install(self):
        """Which rights it needs is tested elsewhere: here it has all."""
        kubectl("apply", "--filename=crds")
        # Not kubectl wait: it fails on a resource that has no conditions yet.
        served = ["kubectl", "get", "upmfa"]
        self.wait("be served", lambda: subprocess.run(served, capture_output=True, check=False).returncode == 0)
        kubectl("create", "serviceaccount", "operator")
        everything = ["--clusterrole=cluster-admin", "--serviceaccount=default:operator"]
        kubectl("create", "clusterrolebinding", "operator", *everything)

    def start_operator(self):
        """The image's files, and what a Pod has beside them, read-only."""
        root = self.folder / "root"
        shutil.copytree(IMAGE / "root", root)
        (root / "etc/resolv.conf").write_text("nameserver 127.0.0.1\n")
        with open(root / CERTIFICATES, "a") as trusted:
            trusted.write(self.authority.read_text())
        make_devices(root / "dev")
        server = self.mount_service_account(root / SERVICE_ACCOUNT)
        subprocess.run(["mount", "--bind", root, root], check=True)
        self.addCleanup(subprocess.run, ["umount", root], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", root], check=True)
        self.assertRaises(OSError, (root / "anything").touch)
        environment = {
            "KUBERNETES_SERVICE_HOST": "kubernetes.default.svc", "KUBERNETES_SERVICE_PORT": server.rpartition(":")[2],
            "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "POD_NAMESPACE": "default",
        }
        as_nobody = ["setpriv", "--no-new-privs", "chroot", "--userspec=65532:65532", "--groups=", root]
        command = [*as_nobody, f"/{PROGRAM}", "run", "--leader-elect"]
        with open(self.folder / "log", "wb") as log:
            self.operator = subprocess.Popen(command, env={"PATH": os.environ["PATH"], **environment}, stdout=log,
                                             stderr=log, stdin=subprocess.DEVNULL)
        self.addCleanup(self.operator.wait)
        self.addCleanup(self.operator.kill)

    def mount_service_account(self, folder):
        """Writes what a Pod has of its ServiceAccount; the address of the API server."""
        [cluster] = json.loads(pathlib.Path(os.environ["KUBECONFIG"]).read_text())["clusters"]
        folder.mkdir(parents=True)
        token = kubectl("create", "token", "operator")
        authority = base64.b64decode(cluster["cluster"]["certificate-authority-data"])
        for name, content in (("token", token.encode()), ("ca.crt", authority), ("namespace", b"default")):
            (folder / name).write_bytes(content)
        return cluster["cluster"]["server"]

    def wait(self, what, happened):
        ends = time.monotonic() + DEADLINE_SECONDS
        while not happened():
            self.assertLess(time.monotonic(), ends, f"it did not {what} in time: {self.log()}")
            time.sleep(0.05)

    def is_ready(self):
        self.assertIsNone(self.operator.poll(), self.log())
        try:
            return bool(get("http://127.0.0.1:8080/readyz"))
        except OSError:
            return False

    def log(self):
        log = self.folder / "log"
        return log.read_text(errors="replace")[-3000:] if log.exists() else ""


def crates():
    """The crates of others that are in the binary, each as its name and version: cargo-auditable has listed them."""
    with tempfile.NamedTemporaryFile() as section:
        dump = ["objcopy", "--dump-section", f".dep-v0={section.name}"]
        subprocess.run([*dump, IMAGE / "root" / PROGRAM, "/dev/null"], check=True)
        listed = json.loads(zlib.decompress(section.read()))["packages"]
    return [f"{crate['name']} {crate['version']}" for crate in listed
            if crate.get("kind") != "build" and crate.get("source") != "local"]


def linked():
    """The crates that cargo compiles for the program, in the same form."""
    lines = ["--edges", "normal", "--prefix", "none", "--format", "{p}"]
    tree = output("cargo", "tree", "--locked", "--package", PROGRAM, *lines)
    return {f"{name} {version}" for name, version in re.findall(r"(?m)^(\S+) v(\S+)", tree)}


def make_devices(folder):
    """Of the devices that each container has, those for random numbers: in a static binary dlsym does not find glibc's
    getrandom, and the crate of that name reads them instead."""
    folder.mkdir()
    for name, minor in (("random", 8), ("urandom", 9)):
        os.mknod(folder / name, stat.S_IFCHR, os.makedev(1, minor))
        (folder / name).chmod(0o666)


def an_object():
    return json.dumps({
        "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
        "metadata": {"name": "customers"},
        "spec": {"userPoolId": POOL, "mfaConfiguration": "ON", "softwareTokenMfaConfiguration": {"enabled": True}},
    })


def kubectl(*arguments, given=None):
    return output("kubectl", *arguments, given=given)


def output(*command, given=None):
    ended = subprocess.run(command, cwd=ROOT, input=given, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: {ended.stderr}")
    return ended.stdout.strip()


def version():
    return output("cargo", "pkgid").rpartition("@")[2].rpartition("#")[2]


def get(url, method="GET", body=None):
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(urllib.request.Request(url, method=method, data=body), timeout=10) as answer:
        return answer.read() or b"{}"
