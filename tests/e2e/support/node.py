"""A node as far as the operator can see one: nothing else here runs Pods.

It looks for Deployments, creates their Pods in the API server (whose Pod security admission judges them), and runs the
container of each as what a kubelet makes of it: the arguments, the environment, the ServiceAccount's token, the mounted
ConfigMaps, a root file system that nobody can write, and the user of the image. Only the network is this machine's, so
the port of `--listen` becomes a free one.
"""

import base64
import contextlib
import os
import re
import shutil
import threading
import traceback

from kube import Refused
from programs import answers

BINARY = "/cognito-mfa-operator"
USER = "65532"  # the Dockerfile's
TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"


class Node:
    """Runs what the Deployments want, from the start of the block to its end, before an emulator for Cognito."""

    def __init__(self, kube, programs, emulator):
        self.kube, self.programs = kube, programs
        # In place of what EKS and the network would give the Pod.
        self.environment = {
            "AWS_ENDPOINT_URL": emulator.url, "AWS_ACCESS_KEY_ID": "operator", "AWS_SECRET_ACCESS_KEY": "any"}
        self.image = programs.folder / "image"
        shutil.copy2(os.path.join(os.environ["RUST_BINARIES"], "cognito-mfa-operator"), self.image)
        self.pods, self.stopped, self.failure = {}, threading.Event(), None
        self.thread = threading.Thread(target=self.loop, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind, error, trace):
        self.stopped.set()
        self.thread.join()
        for uid in list(self.pods):
            self.end(uid)
        if self.failure and kind is None:
            raise self.failure

    def loop(self):
        try:
            while not self.stopped.wait(0.2):
                self.look()
        except Exception as failure:  # reported at once, for whoever waits; and at the end of the block
            traceback.print_exc()
            self.failure = failure

    def look(self):
        deployments = {each["metadata"]["uid"]: each for each in self.kube.ask("GET", "/apis/apps/v1/deployments")["items"]}
        for uid in set(self.pods) - set(deployments):
            self.end(uid)
        for uid, deployment in deployments.items():
            template = deployment["spec"]["template"]
            if uid in self.pods and self.pods[uid].template != template:
                self.end(uid)
            if uid not in self.pods:
                self.pods[uid] = Pod(self, deployment)
            self.tell(deployment)

    def runs(self, deployment):
        """Whether its Pods run, as it is now."""
        pod = self.pods.get(deployment["metadata"]["uid"])
        return pod is not None and pod.template == deployment["spec"]["template"]

    def end(self, uid):
        self.pods.pop(uid).stop()

    def tell(self, deployment):
        """The status that the controllers would write once the Pods are ready."""
        metadata, count = deployment["metadata"], deployment["spec"]["replicas"]
        status = {"observedGeneration": metadata["generation"], "replicas": count, "updatedReplicas": count,
                  "readyReplicas": count, "availableReplicas": count,
                  "conditions": [condition("Available", "MinimumReplicasAvailable"),
                                 condition("Progressing", "NewReplicaSetAvailable")]}
        if deployment.get("status", {}).get("observedGeneration") != metadata["generation"]:
            with gone():
                self.kube.patch("deployments", metadata["name"], {"status": status}, metadata["namespace"], "/status")


@contextlib.contextmanager
def gone():
    """What somebody has deleted meanwhile needs nothing more."""
    try:
        yield
    except Refused as refused:
        if refused.code != 404:
            raise


def condition(kind, reason):
    return {"type": kind, "status": "True", "reason": reason, "message": "Every Pod is ready."}


class Pod:
    """The Pods of a Deployment: objects in the API server, processes of this machine."""

    def __init__(self, node, deployment):
        self.node, self.kube = node, node.kube
        self.namespace = deployment["metadata"]["namespace"]
        self.template = deployment["spec"]["template"]
        self.name = deployment["metadata"]["name"]
        self.running = [self.run() for _ in range(deployment["spec"]["replicas"])]

    def run(self):
        body = {"apiVersion": "v1", "kind": "Pod", "spec": self.template["spec"],
                "metadata": {**self.template["metadata"], "generateName": f"{self.name}-"}}
        pod = self.kube.create("pods", body, self.namespace)
        [container] = self.template["spec"]["containers"]
        folder = self.node.programs.folder / pod["metadata"]["name"]
        mounts = [*self.account(folder), *self.volumes(folder, container)]
        process, [port] = self.node.programs.start(
            pod["metadata"]["name"], 1, lambda port: self.command(container, pod, mounts, port),
            lambda port: answers(port, container["readinessProbe"]["httpGet"]["path"]), {"PATH": os.environ["PATH"]})
        return pod["metadata"]["name"], process, port

    def account(self, folder):
        """The ServiceAccount's token and the API server's authority, as every Pod has them."""
        path = f"/api/v1/namespaces/{self.namespace}/serviceaccounts/{self.template['spec']['serviceAccountName']}/token"
        token = self.kube.ask("POST", path, {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})
        authority = self.kube.config["clusters"][0]["cluster"]["certificate-authority-data"]
        files = {"token": token["status"]["token"], "namespace": self.namespace,
                 "ca.crt": base64.b64decode(authority).decode()}
        return [mount(folder / "account", files, TOKEN)]

    def volumes(self, folder, container):
        volumes = {each["name"]: each for each in self.template["spec"].get("volumes", [])}
        for each in container.get("volumeMounts", []):
            name = volumes[each["name"]]["configMap"]["name"]
            files = self.kube.get("configmaps", name, self.namespace)["data"]
            yield mount(folder / each["name"], files, each["mountPath"])

    def command(self, container, pod, mounts, port):
        """Nothing of the machine but its libraries, for the binary of `make test` is not static."""
        host, _, api_port = self.kube.address.rpartition(":")
        variables = {"KUBERNETES_SERVICE_HOST": host.strip("[]"), "KUBERNETES_SERVICE_PORT": api_port,
                     **self.node.environment, **environment_of(container, pod)}
        return ["bwrap", "--unshare-user", "--unshare-pid", "--uid", USER, "--gid", USER, "--cap-drop", "ALL", "--clearenv",
                "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
                "--ro-bind", "/etc/ssl", "/etc/ssl", "--dev", "/dev", "--proc", "/proc",
                "--ro-bind", self.node.image, BINARY,
                *(word for source, target in mounts for word in ("--ro-bind", source, target)),
                *(word for name, value in variables.items() for word in ("--setenv", name, value)),
                "--remount-ro", "/", "--die-with-parent", "--", BINARY, *arguments_of(container, port)]

    def stop(self):
        for name, process, _ in self.running:
            process.terminate()
            process.wait(60)
            with gone():
                self.kube.ask("DELETE", f"/api/v1/namespaces/{self.namespace}/pods/{name}", {"gracePeriodSeconds": 0})


def mount(folder, files, target):
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder, target


def environment_of(container, pod):
    return {each["name"]: each["value"] if "value" in each else field(pod, each["valueFrom"]["fieldRef"]["fieldPath"])
            for each in container["env"]}


def field(pod, path):
    for part in path.split("."):
        pod = pod[part]
    return pod


def arguments_of(container, port):
    """Its arguments; the Pod's own port may be taken on this machine."""
    [_] = [word for word in container["args"] if word.startswith("--listen=")]
    return [re.sub(r"^(--listen=.*:)\d+$", rf"\g<1>{port}", word) for word in container["args"]]
