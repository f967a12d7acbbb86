"""All that the tests share: Argo CD, the emulator, and the operator, installed by Argo CD from the chart."""

import atexit
import functools

import yaml

import newcomer
from argocd import NAMESPACE, ArgoCd
from commands import ROOT, wait_until
from node import Node
from programs import Programs
from repository import Repository
from emulator import Emulator

OPERATOR = "cognito-mfa-operator"
FLAG = "--allow-disable-on-delete"


@functools.cache
def rig():
    """Made once for all tests, and gone with this process."""
    return Rig()


class Rig:
    def __init__(self):
        self.programs = Programs()
        self.emulator = Emulator(self.programs)
        self.argocd = ArgoCd(self.programs)
        self.kube = self.argocd.kube
        self.argocd.install()
        self.argocd.start()
        self.charts = Repository(self.programs.folder / "git/charts")
        self.charts.copy(ROOT / "charts", "charts")
        self.node = Node(self.kube, self.programs, self.emulator)
        self.node.__enter__()
        atexit.register(self.node.__exit__, None, None, None)
        self.first_sync = None
        self.install_operator()

    def manifest(self, name):
        """An Application of deploy/argocd."""
        return yaml.safe_load((ROOT / f"deploy/argocd/application-{name}.yaml").read_text())

    def install_operator(self):
        """By the commands of the README; then with what the tests need beside the defaults."""
        newcomer.run(newcomer.ways()["Argo CD"], REPOSITORY=self.charts.url)
        ended = wait_until(self.has_synced, lambda: f"Argo CD has synced the chart: {self.application()}")
        self.first_sync = self.first_sync or ended
        # The tests of an hour take away more than a fleet should.
        values = {"allowDisableOnDelete": True, "maxLoweringsPerHour": 1000}
        self.kube.patch("applications", OPERATOR, {"spec": {"source": {"helm": {"valuesObject": values}}}}, NAMESPACE)
        wait_until(self.is_running, lambda: f"the Pod runs: {self.application()}")

    def application(self):
        return self.kube.get("applications", OPERATOR, NAMESPACE)

    def has_synced(self):
        """How the sync ended, once it has."""
        state = self.application().get("status", {}).get("operationState", {})
        return state.get("phase") not in (None, "Running") and state

    def is_running(self):
        """Whether the node runs the Pod of the Deployment with those values."""
        deployment = self.kube.get("deployments", OPERATOR, OPERATOR)
        return deployment and self.node.runs(deployment) and FLAG in str(deployment["spec"]["template"])

    def wait_until_nothing_runs(self):
        wait_until(lambda: not self.node.pods, "the node has ended the Pod")
