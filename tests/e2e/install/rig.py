"""All that the tests share: an emulator for Cognito, a node, and the commands of a user."""

import contextlib

from commands import ROOT, helm, kubectl, wait_until
from kube import Kube
from newcomer import REPOSITORY
from node import Node
from programs import Programs
from emulator import Emulator

EVENTS = "/apis/events.k8s.io/v1"
CRD = "userpoolmfaconfigs.cognito.mfaoperator.dev"


class Rig:
    """As a context it leaves no process behind."""

    def __init__(self):
        self.kube, self.programs = Kube(), Programs()
        self.emulator = Emulator(self.programs)
        self.node = Node(self.kube, self.programs, self.emulator)

    def __enter__(self):
        self.node.__enter__()
        return self

    def __exit__(self, *error):
        self.node.__exit__(*error)

    @contextlib.contextmanager
    def installed(self, release, values):
        """The chart as a release in a namespace of its own; at the end nothing of it runs, and the rest is there."""
        restricted(release)
        sets = [word for name, value in values.items() for word in ("--set", f"{name}={value}")]
        helm("install", release, ROOT / "charts/cognito-mfa-operator", "--namespace", release, "--wait", "--timeout", "2m",
             "--set", f"image.repository={REPOSITORY}", "--set", f"fullnameOverride={release}", *sets, *crd_once(self.kube))
        yield
        kubectl("delete", "deployment", release, f"--namespace={release}")
        wait_until(lambda: not self.node.pods, "the node has ended the Pods")

    def create(self, namespace, body):
        self.kube.create("userpoolmfaconfigs", body, namespace)

    def object(self, namespace, name):
        return self.kube.get("userpoolmfaconfigs", name, namespace)

    def until_ready(self, namespace, name):
        kubectl("wait", f"--namespace={namespace}", f"upmfa/{name}", "--for=condition=Ready", "--timeout=2m")

    def events(self, namespace, name):
        events = self.kube.ask("GET", f"{EVENTS}/namespaces/{namespace}/events")["items"]
        return [event for event in events if event.get("regarding", {}).get("name") == name]

    def image(self):
        """What the Pod of the README's installation runs."""
        name = "cognito-mfa-operator"
        return self.kube.get("deployments", name, name)["spec"]["template"]["spec"]["containers"][0]["image"]

    def logs(self):
        return "\n".join(path.read_text() for path in self.programs.folder.glob("*.log"))


def crd_once(kube):
    """Only the first release brings the CRD."""
    return ["--set", "crds.enabled=false"] if kube.get("customresourcedefinitions", CRD) else []


def restricted(namespace):
    kubectl("create", "namespace", namespace)
    kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
