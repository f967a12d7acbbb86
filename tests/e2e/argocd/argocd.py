"""A real Argo CD as processes of this machine: redis, repo-server, application controller and API server."""

import json
import os
import pathlib
import shutil

from commands import ROOT, kubectl, run, wait_until
from kube import Kube
from programs import answers

TOOLS = ROOT / "tests/e2e/argocd/tools"
MODULE = "github.com/argoproj/argo-cd/v3"
NAMESPACE = "argocd"
# What the controller manager does for Argo CD: foreground deletion, and emptying deleted namespaces.
CONTROLLERS = "garbage-collector-controller,namespace-controller"
# Argo CD does not look at an Application again when only the words of an object's health have changed, nor always when
# the last object of a deleted one is gone: it has these intervals for that, of some minutes by default.
LOOK_OFTEN = {"ARGOCD_RECONCILIATION_TIMEOUT": "10s", "ARGOCD_RECONCILIATION_JITTER": "0s"}


class ArgoCd:
    def __init__(self, programs):
        self.kube, self.programs = Kube(), programs
        self.environment = self.settings()

    def settings(self):
        """https://kubernetes.default.svc is KUBECONFIG's server, and all files are in the programs' folder."""
        folders = {"ARGOCD_TLS_DATA_PATH": "tls", "ARGOCD_SSH_DATA_PATH": "ssh", "ARGOCD_GNUPGHOME": "gpg/keys",
                   "ARGOCD_GPG_DATA_PATH": "gpg/source", "ARGOCD_PLUGINSOCKFILEPATH": "plugins",
                   "HOME": "home", "TMPDIR": "tmp"}
        paths = {name: self.programs.folder / "argocd" / place for name, place in folders.items()}
        for folder in paths.values():
            folder.mkdir(parents=True)
        return {**os.environ, **{name: str(folder) for name, folder in paths.items()},
                "PATH": f"{self.scripts()}{os.pathsep}{os.environ['PATH']}",
                "ARGOCD_FAKE_IN_CLUSTER": "true", "ARGOCD_GPG_ENABLED": "false", **LOOK_OFTEN}

    def scripts(self):
        """The folder of what the repo-server asks about a commit's signature, which is a script of Argo CD's image."""
        folder = self.programs.folder / "argocd/scripts"
        folder.mkdir()
        script = shutil.copyfile(module_folder() / "hack/git-verify-wrapper.sh", folder / "git-verify-wrapper.sh")
        script.chmod(0o755)
        return folder

    def install(self):
        manifests = module_folder() / "manifests"
        kubectl("create", "namespace", NAMESPACE)
        kubectl("apply", "--server-side", *files(manifests / "crds", "*-crd.yaml"))
        for name in ("applications", "appprojects"):
            wait_until(lambda: self.is_established(f"{name}.argoproj.io"), f"the API server serves {name}")
        kubectl("apply", f"--namespace={NAMESPACE}", *files(manifests / "base/config", "argocd-*.yaml"))
        kubectl("patch", "secret", "argocd-secret", f"--namespace={NAMESPACE}",
                "--patch", json.dumps({"stringData": {"server.secretkey": "only for this test"}}))
        anywhere = {"sourceRepos": ["*"], "destinations": [{"namespace": "*", "server": "*"}],
                    "clusterResourceWhitelist": [{"group": "*", "kind": "*"}]}
        self.kube.create("appprojects", {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
                                         "metadata": {"name": "default"}, "spec": anywhere}, NAMESPACE)

    def is_established(self, name):
        # Not `kubectl wait`: it fails on a CRD that has no conditions yet.
        conditions = self.kube.get("customresourcedefinitions", name).get("status", {}).get("conditions") or []
        return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)

    def start(self):
        start = self.programs.start
        self.start_controller_manager()
        _, [redis] = start("redis", 1, lambda port: ["redis-server", "--port", port, "--bind", "127.0.0.1",
                                                     "--save", "", "--appendonly", "no"],
                           lambda _: "Ready to accept connections" in self.programs.text("redis"))
        self.redis = ["--redis", f"127.0.0.1:{redis}"]
        _, [repository, _] = self.start_role("repo-server", 2, lambda port, metrics: [
            "--address", "127.0.0.1", "--port", port, "--metrics-address", "127.0.0.1", "--metrics-port", metrics,
            *self.redis])
        self.repository = ["--repo-server", f"127.0.0.1:{repository}"]
        self.start_role("application-controller", 1, lambda metrics: [
            "--namespace", NAMESPACE, "--metrics-port", metrics, "--persist-resource-health",
            *self.redis, *self.repository])
        _, [self.port, _] = self.start_role("server", 2, lambda port, metrics: [
            "--namespace", NAMESPACE, "--address", "127.0.0.1", "--port", port, "--metrics-port", metrics,
            "--insecure", "--disable-auth", *self.redis, *self.repository])

    def start_controller_manager(self):
        self.programs.start("kube-controller-manager", 1, lambda port: [
            "kube-controller-manager", "--kubeconfig", os.environ["KUBECONFIG"], "--leader-elect=false",
            f"--controllers={CONTROLLERS}", "--bind-address", "127.0.0.1", "--secure-port", port,
            "--cert-dir", self.programs.folder / "controller-manager"],
            lambda _: "Proceeding to collect garbage" in self.programs.text("kube-controller-manager"))

    def start_role(self, role, ports, arguments):
        """Argo CD is one program: which part it plays is its name's word."""
        name = f"argocd-{role}"
        path = "/healthz" if role != "repo-server" else "/healthz?full=true"
        # The metrics' port, the last one, tells how every part is; the API server's own does.
        asked = 0 if role == "server" else -1
        return self.programs.start(
            name, ports, lambda *chosen: ["argocd", *arguments(*chosen)],
            lambda *chosen: answers(chosen[asked], path), {**self.environment, "ARGOCD_BINARY_NAME": name})

    def command(self, *words):
        """Runs the CLI, as a user does."""
        return run("argocd", *words, "--server", f"127.0.0.1:{self.port}", "--plaintext", env=self.environment).stdout


def module_folder():
    """Argo CD's source, which has the manifests of its version."""
    module = run("go", "mod", "download", "-json", MODULE, cwd=TOOLS, env={**os.environ, "GOWORK": "off"}).stdout
    return pathlib.Path(json.loads(module)["Dir"])


def files(folder, pattern):
    return [word for path in sorted(folder.glob(pattern)) for word in ("--filename", str(path))]
