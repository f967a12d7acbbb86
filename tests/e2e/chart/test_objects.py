"""Every object of the chart and of deploy/ is taken by the real API server and by the schemas of each version."""

import json
import os
import unittest

import kubernetes_validate
from kubernetes_validate.utils import all_versions

from chart import ABOUT, CRD, OLDEST, ROOT, Refused, load, namespace, of_kind, remove_crd, run, template
from knobs import ENTRY

SIDECAR = {"name": "sidecar", "image": "registry.example.com/sidecar:1", "securityContext": {
    "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}}
MOST = {
    "replicaCount": 2, "networkPolicy.enabled": True, "networkPolicy.imds": True, "rbac.aggregateEdit": True,
    "accounts.enabled": True, "accounts.entries": [ENTRY], "allowDisableOnDelete": True,
    "imagePullSecrets": [{"name": "pull"}], "tolerateSettings": ["A.B"], "aws.region": "eu-west-1",
    "commonLabels": {"team": "platform"}, "priorityClassName": "", "nodeSelector": {"a": "b"},
    "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "a/b", "whenUnsatisfiable": "ScheduleAnyway"}],
    "tolerations": [{"operator": "Exists"}], "strategy": {"type": "Recreate"}, "dnsConfig": {"searches": ["a.b"]},
    "global.imagePullSecrets": [{"name": "all"}], "deploymentAnnotations": {"a": "b"},
    "hostAliases": [{"ip": "10.0.0.1", "hostnames": ["a.b"]}],
    "service.ipFamilyPolicy": "PreferDualStack", "service.ipFamilies": ["IPv4"],
    "initContainers": [SIDECAR], "extraContainers": [{**SIDECAR, "name": "other"}],
    "extraEnv": [{"name": "A", "value": "b"}], "extraEnvFrom": [{"secretRef": {"name": "keys"}}],
    "extraVolumes": [{"name": "ca", "configMap": {"name": "ca"}}],
    "extraVolumeMounts": [{"name": "ca", "mountPath": "/ca"}],
    "extraObjects": [{"apiVersion": "v1", "kind": "ConfigMap",
                      "metadata": {"name": "more", "namespace": "{{ .Release.Namespace }}"}}],
    # Without the kinds of the Prometheus operator, which nothing here knows.
    "metrics.dashboard.enabled": True, "metrics.customResourceState.enabled": True,
    "metrics.customResourceState.serviceAccount.name": "kube-state-metrics",
    "admission.floor.enabled": True, "admission.floor.namespaces": ["team-a"],
    "admission.floor.namespaceSelector": {"matchLabels": {"a": "b"}}, "admission.floor.lowestMode": "ON",
    "admission.floor.allowedFactors": ["TOTP"], "admission.floor.noObserve": True,
}


def scopes(*namespaces):
    """The chart with least and most of its values, in both scopes."""
    some = {"watchNamespaces": list(namespaces)}
    return {"defaults": {}, "most": MOST, "some namespaces": some,
            "most, some namespaces": {**MOST, **some, "rbac.clusterScoped": True}}


def versions():
    """From the oldest that the chart takes to the one that the server is built from."""
    supported = [version for version in sorted(set(all_versions()), key=minor) if minor(version) >= minor(OLDEST)]
    assert supported[0] == OLDEST, supported
    return supported


def minor(version):
    return int(version.split(".")[1])


def pod_of(deployment):
    """The Pod that the Deployment's controller would make: what is judged by Pod security."""
    made = deployment["spec"]["template"]
    metadata = {**made["metadata"], "name": "judged", "namespace": deployment["metadata"]["namespace"]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": made["spec"]}


def apply_dry(*objects):
    # A warning is a field that is unknown or old, or a Pod that would be refused.
    run("kubectl", "apply", "--dry-run=server", "-f", "-", warnings=False,
        stdin="\n---\n".join(json.dumps(one) for one in objects))


class TheServer(unittest.TestCase):
    def test_serves_the_oldest_version_when_it_is_to_emulate_it(self):
        served = json.loads(run("kubectl", "get", "--raw", "/version"))
        own, emulated = (f"1.{served[name]}" for name in ("minor", "emulationMinor"))
        self.assertEqual(emulated, os.environ.get("EMULATED_KUBERNETES", own))
        self.assertIn(emulated, (own, OLDEST.removesuffix(".0")))

    def test_takes_every_object_where_pods_must_be_restricted(self):
        home, served = namespace(), namespace()
        for name, values in scopes(home, served).items():
            with self.subTest(name):
                objects = template(values, namespace=home)
                apply_dry(*objects, pod_of(of_kind(objects, "Deployment")[0]))

    def test_would_refuse_the_pod_without_its_security_contexts(self):
        values = {"podSecurityContext": {"runAsNonRoot": False}}
        pod = pod_of(of_kind(template(values, namespace=namespace()), "Deployment")[0])
        with self.assertRaisesRegex(Refused, "violates PodSecurity"):
            apply_dry(pod)

    def test_takes_deploy(self):
        self.addCleanup(remove_crd)
        run("kubectl", "apply", "-f", ROOT / "deploy/install.yaml", warnings=False)
        run("kubectl", "wait", f"crd/{CRD}", "--for=jsonpath={.status.conditions[?(@.type=='Established')].status}=True", "--timeout=60s")
        run("kubectl", "create", "namespace", "team-a")
        run("kubectl", "apply", "--dry-run=server", "-f", ROOT / "deploy/samples", warnings=False)
        examples = load(ABOUT["annotations"]["artifacthub.io/crdsExamples"])[0]
        apply_dry(*examples)
        for folder in ("base", "overlays/one-namespace", "overlays/high-availability", "overlays/disable-on-delete"):
            with self.subTest(folder):
                run("kubectl", "apply", "--dry-run=server", "-k", ROOT / "deploy/kustomize" / folder, warnings=False)


class TheSchemas(unittest.TestCase):
    def test_of_each_version_of_kubernetes_know_every_field(self):
        for name, values in scopes("team-a", "team-b").items():
            for one in template(values):
                if one["kind"] == "CustomResourceDefinition":
                    continue  # Its own schema is beyond them: the server has judged it.
                for version in versions():
                    with self.subTest(name, version=version, kind=one["kind"]):
                        kubernetes_validate.validate(one, version, strict=True)


class Helm(unittest.TestCase):
    def test_refuses_a_cluster_that_is_too_old(self):
        with self.assertRaisesRegex(Refused, "incompatible with Kubernetes"):
            template({}, kubernetes=f"1.{minor(OLDEST) - 1}.9")
        self.assertTrue(template({}, kubernetes=f"{OLDEST}-eks-1"))
