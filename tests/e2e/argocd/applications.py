"""What the tests share that push objects to git and watch their Application."""

import re
import unittest

import commands
from argocd import NAMESPACE
from commands import wait_until
from repository import Repository
from rig import rig

SERVER_SIDE_DIFF = {"argocd.argoproj.io/compare-options": "ServerSideDiff=true"}
REFRESH = {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "hard"}}}


class ApplicationTest(unittest.TestCase):
    """Each test has a name of its own for its namespace, its Application, its repository and its pools."""

    def setUp(self):
        self.rig = rig()
        self.kube, self.emulator = self.rig.kube, self.rig.emulator
        self.emulator.clear_faults()
        words = re.sub(r"[^a-z]+", "-", self.id().split(".", 1)[1].lower())
        self.name = words.replace("-test-", "-").strip("-")[-50:].strip("-")
        self.repository = Repository(self.rig.programs.folder / "git" / self.name)

    def pool(self, letter="A", **state):
        """The id of a new pool."""
        pool = "eu-west-1_" + (self.name.replace("-", "") + letter)[-40:]
        self.emulator.pool(pool, **state)
        return pool

    def application(self, sync_options=None, annotations=None, path="pools"):
        """Makes deploy/argocd's Application of a folder, for this test's repository."""
        application = self.rig.manifest("pools")
        application["metadata"]["name"] = self.name
        application["metadata"]["annotations"] = annotations or {}
        spec = application["spec"]
        spec["source"] |= {"repoURL": self.repository.url, "path": path}
        spec["destination"]["namespace"] = self.name
        if sync_options:
            spec["syncPolicy"]["syncOptions"] = sync_options
        spec["syncPolicy"]["retry"] = {"limit": 0}  # a sync that fails has failed at once
        self.kube.create("applications", application, NAMESPACE)
        self.addCleanup(self.delete_application)

    def delete_application(self):
        if self.kube.get("applications", self.name, NAMESPACE):
            self.kube.delete("applications", self.name, NAMESPACE)

    def history(self):
        return self.kube.history("applications", self.name, NAMESPACE)

    def refresh(self):
        """Has Argo CD read git now instead of in some minutes."""
        self.kube.patch("applications", self.name, REFRESH, NAMESPACE)

    def wait_for_refresh(self):
        """Comes back with the state that Argo CD has made of git."""
        self.refresh()
        return wait_until(self.is_refreshed, "Argo CD read git")

    def is_refreshed(self):
        state = self.get()
        return None if "argocd.argoproj.io/refresh" in state["metadata"].get("annotations", {}) else state

    def get(self):
        return self.kube.get("applications", self.name, NAMESPACE)

    def reconcile(self, name):
        """Runs the action, as a user does."""
        self.rig.argocd.command("app", "actions", "run", self.name, "reconcile",
                                "--kind", "UserPoolMfaConfig", "--resource-name", name)

    def object(self, name):
        return self.kube.get("userpoolmfaconfigs", name, self.name)

    def wait_until_shown(self, name, words):
        """Comes back when the object says so and Argo CD has looked since: it does not look for a status whose health is
        the same word as before (its ignoreResourceUpdates leaves /status out)."""
        wait_until(lambda: words in str((self.object(name) or {}).get("status")), f"the object says {words}")
        self.wait_for_refresh()

    def push(self, history, health, **files):
        """Pushes, and waits until Argo CD has that commit in the cluster with that health."""
        revision = self.repository.write(**files)
        self.refresh()
        return history.wait(is_at(revision, health), f"{self.name} at {revision[:8]} is {health}")


def config(name, pool, annotations=None, **spec):
    """A UserPoolMfaConfig with these annotations, and without the fields that are None."""
    made = commands.config(name, pool, **spec)
    if annotations:
        made["metadata"]["annotations"] = annotations
    return made | {"spec": {key: value for key, value in made["spec"].items() if value is not None}}


def is_at(revision, health):
    """Whether a state of an Application has the commit in the cluster, with that health."""
    return lambda state: synced(state) == revision and health_of(state) == health


def synced(state):
    """The commit that the cluster is equal to, if any."""
    sync = state.get("status", {}).get("sync", {})
    return sync.get("revision") if sync.get("status") == "Synced" else None


def health_of(state):
    return state.get("status", {}).get("health", {}).get("status")


def resource(state, name, kind="UserPoolMfaConfig"):
    """What the Application says of one object."""
    for each in state.get("status", {}).get("resources", []):
        if (each["kind"], each["name"]) == (kind, name):
            return each
    return {}


def resource_health(state, name):
    health = resource(state, name).get("health", {})
    return health.get("status"), health.get("message", "")


def operation(state):
    return state.get("status", {}).get("operationState", {})


def sequence(values):
    """Without repetitions next to each other."""
    values = list(values)
    return [value for place, value in enumerate(values) if place == 0 or value != values[place - 1]]
