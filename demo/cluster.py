"""Where the operator's objects are: on a control plane that only the demo uses, or on a cluster that exists."""

import json
import os

import terminal
from rig import Failed, ignore_signals

NAMESPACE = "cognito-mfa-demo"
NAMESPACE_OBJECT = f"namespace/{NAMESPACE}"
KIND = "userpoolmfaconfigs.cognito.mfaoperator.dev"
CRD = f"crd/{KIND}"
OPERATOR = "app.kubernetes.io/name=cognito-mfa-operator"


class OwnControlPlane:
    """control-plane started it and stops it after the demo, so the demo removes nothing."""

    namespace = "cognito-mfa-operator"  # of the operator's ServiceAccount
    flags = ()
    intro = "A real kube-apiserver and etcd are running."
    why_no_pod = "This control plane has no nodes to run Pods."
    end = "The control plane stops when this program ends."

    def __init__(self, rig):
        self.rig = rig

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def install(self):
        terminal.say("\nInstall the CRD, the operator's ServiceAccount and permissions, and its Deployment:")
        self.rig.run("kubectl apply -f deploy/install.yaml")


class ExistingCluster:
    """A context manager. At its end it removes from the cluster what the demo made there."""

    namespace = NAMESPACE
    flags = ("--watch-namespaces", NAMESPACE)
    intro = (f"The demo uses the namespace {NAMESPACE} of your cluster, and removes at its end what it made. The "
             "operator and the emulator run on this machine.")
    why_no_pod = "The demo installs no Deployment: nodes cannot pull an image that is not published."
    end = f"The namespace {NAMESPACE} is removed next."

    def __init__(self, rig, kubeconfig):
        self.rig, self.made = rig, []
        # An exec plugin in the kubeconfig may need what the demo hides from the operator, such as AWS_PROFILE.
        rig.kubectl_environment = {**os.environ, "KUBECONFIG": kubeconfig, "KUBECACHEDIR": str(rig.folder / "kubectl")}

    def __enter__(self):
        return self

    def __exit__(self, *error):
        ignore_signals()  # A second Ctrl-C would leave the rest in the cluster.
        try:
            while self.made:
                self.remove(self.made[-1])
                self.made.pop()
        except Failed as failed:
            terminal.fail(f"{failed}.\nThis may still be in the cluster: {', '.join(self.made)}")
            raise

    def install(self):
        self.use_namespace()
        self.refuse_another_operator()
        self.refuse_another_demo()
        has_crd = self.ask("get", CRD, "--ignore-not-found", "--output=name")
        terminal.say("\nCreate the namespace:")
        self.rig.run(f"kubectl create namespace {NAMESPACE}")
        self.made.append(NAMESPACE_OBJECT)
        if has_crd:
            terminal.say("\nThe cluster has the CRD. It stays as it is.")
        else:
            terminal.say("\nInstall the CRD:")
            self.rig.run("kubectl create -f crds/userpoolmfaconfigs.yaml")
            self.made.insert(0, CRD)
        terminal.say("\nInstall the operator's ServiceAccount and its permissions in this namespace:")
        self.rig.run("kubectl apply -k demo/existing-cluster")

    def use_namespace(self):
        """Writes a kubeconfig of the current context alone, in which the demo's namespace is the default."""
        config = json.loads(self.ask("config", "view", "--raw", "--flatten", "--minify", "--output=json"))
        config["contexts"][0]["context"]["namespace"] = NAMESPACE
        path = self.rig.folder / "kubeconfig"
        path.write_text(json.dumps(config))
        for environment in (self.rig.environment, self.rig.kubectl_environment):
            environment["KUBECONFIG"] = str(path)

    def refuse_another_operator(self):
        """It would reconcile the demo's objects too, with a real AWS account."""
        found = self.ask("get", "deployments", "--all-namespaces", f"--selector={OPERATOR}", "--output=name")
        if found:
            raise Failed(f"the cluster has an operator ({found}), which would reconcile the demo's objects too. "
                         "Use another cluster, or run make demo without KUBECONFIG")

    def refuse_another_demo(self):
        if self.ask("get", NAMESPACE_OBJECT, "--ignore-not-found", "--output=name"):
            raise Failed(f"the cluster has {NAMESPACE_OBJECT}, perhaps from a demo that was killed. If nobody uses it: "
                         f"kubectl delete {NAMESPACE_OBJECT}")

    def remove(self, made):
        """A namespace goes with all that is in it. A CRD would take the objects of others along."""
        others = self.ask("get", KIND, "--all-namespaces", "--output=name") if made == CRD else ""
        if others:
            raise Failed(f"the CRD stays, because others made objects of it meanwhile: {others}")
        terminal.say("\nRemove what the demo made:")
        self.rig.run(f"kubectl delete {made} --timeout=2m")

    def ask(self, *words):
        return self.rig.run_quietly("kubectl", *words)
