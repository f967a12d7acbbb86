"""All that the tests share: Argo CD, the stand-in, and the operator, installed by Argo CD from the chart."""

import functools
import os

import yaml

from argocd import NAMESPACE, ROOT, ArgoCd, kubectl
from kube import wait_until
from programs import Programs, answers
from repository import Repository
from standin import StandIn

OPERATOR = "cognito-mfa-operator"
CREDENTIALS = {  # in place of what EKS would give the Pod
    "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


@functools.cache
def rig():
    """Made once for all tests, and gone with this process."""
    return Rig()


class Rig:
    def __init__(self):
        self.programs = Programs()
        self.stand_in = StandIn(self.programs)
        self.argocd = ArgoCd(self.programs)
        self.kube = self.argocd.kube
        self.argocd.install()
        self.argocd.start()
        self.charts = Repository(self.programs.folder / "git/charts")
        self.charts.copy(ROOT / "charts", "charts")
        self.operator = None
        self.install_operator()

    def manifest(self, name):
        """An Application of deploy/argocd."""
        return yaml.safe_load((ROOT / f"deploy/argocd/application-{name}.yaml").read_text())

    def install_operator(self):
        """By the Application of the chart; the Deployment's Pod is a process of this machine."""
        application = self.manifest("operator")
        application["spec"]["source"]["repoURL"] = self.charts.url
        application["spec"]["source"]["helm"]["valuesObject"] |= {
            "aws": {"endpointUrl": self.stand_in.url}, "allowDisableOnDelete": True,
            "maxLoweringsPerHour": 1000}  # the tests of an hour take away more than a fleet should
        with self.kube.history("applications", OPERATOR, NAMESPACE) as history:
            self.kube.create("applications", application, NAMESPACE)
            state = history.wait(has_synced, "the first sync of the chart is over")
        self.first_sync = state["status"]["operationState"]
        deployment = wait_until(
            lambda: self.kube.get("deployments", OPERATOR, OPERATOR),
            lambda: f"the Deployment is there: {self.kube.get('applications', OPERATOR, NAMESPACE)['status']}")
        self.run_as_the_pod_would(deployment["spec"]["template"]["spec"])
        self.tell_that_the_pod_is_ready(deployment)

    def run_as_the_pod_would(self, pod):
        """With the token, the arguments and the environment that the Pod would have."""
        account = pod["serviceAccountName"]
        token = kubectl("create", "token", account, f"--namespace={OPERATOR}", "--duration=24h").strip()
        config = self.programs.folder / "operator-kubeconfig"
        config.write_text(self.kube.config_with(token))
        [container] = pod["containers"]
        environment = {"PATH": os.environ["PATH"], "KUBECONFIG": str(config), **CREDENTIALS,
                       **environment_of(container)}
        binary = os.path.join(os.environ["RUST_BINARIES"], OPERATOR)
        self.operator, _ = self.programs.start(
            OPERATOR, 1, lambda port: [binary, *arguments_of(container, f"127.0.0.1:{port}")],
            lambda port: answers(port, "/readyz"), environment)

    def tell_that_the_pod_is_ready(self, deployment):
        """What the Deployment's controller would write: nothing runs Pods here."""
        count = deployment["spec"]["replicas"]
        status = {"observedGeneration": deployment["metadata"]["generation"], "replicas": count,
                  "updatedReplicas": count, "readyReplicas": count, "availableReplicas": count}
        self.kube.patch("deployments", OPERATOR, {"status": status}, OPERATOR, "/status")

    def stop_operator(self):
        self.operator.terminate()
        self.operator.wait(60)


def has_synced(state):
    return "finishedAt" in state.get("status", {}).get("operationState", {})


def environment_of(container):
    """Its variables; those that tell of the Pod are made up, since there is none."""
    pod = {"metadata.name": "operator-0", "metadata.namespace": OPERATOR,
           "metadata.uid": "00000000-0000-4000-8000-000000000000"}
    return {each["name"]: each["value"] if "value" in each else pod[each["valueFrom"]["fieldRef"]["fieldPath"]]
            for each in container["env"]}


def arguments_of(container, listen):
    """Its arguments, but for the address: the port of the Pod may be taken on this machine."""
    [_] = [word for word in container["args"] if word.startswith("--listen=")]
    return [f"--listen={listen}" if word.startswith("--listen=") else word for word in container["args"]]
