"""What the tests here share: the chart rendered, the programs, and the control plane that runs them."""

import functools
import json
import pathlib
import subprocess
import sys
import tempfile
import uuid

import yaml

import binaries
from commands import KIND, ROOT, run

CHART = ROOT / "charts" / "cognito-mfa-operator"
KUBERNETES = f"{binaries.OLDEST}.0"
RELEASE, NAMESPACE = "cognito-mfa-operator", "sys"


@functools.cache
def program(name):
    """A program of tests/tools/control-plane/binaries.py, built the first time."""
    command = [sys.executable, ROOT / "tests" / "tools" / "control-plane" / "control-plane", "binaries", name]
    folder = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    return pathlib.Path(folder) / name


def render(values, *arguments, check=True, chart=CHART):
    """What Helm makes of the chart with these values: the process."""
    values = {"image": {"repository": "registry.example.com/operator"}, **values}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(values, file)
        file.flush()
        return run(program("helm"), "template", RELEASE, chart, "--namespace", NAMESPACE, "--values", file.name,
                   *(arguments or ["--api-versions", "monitoring.coreos.com/v1"]), check=check)


def objects(values, kind):
    """The rendered objects of a kind."""
    return [found for found in yaml.safe_load_all(render(values).stdout) if found and found["kind"] == kind]


def groups(**settings):
    """The groups of the PrometheusRule, those on single objects included."""
    rule = {"enabled": True, **settings}
    [found] = objects({"metrics": {"prometheusRule": rule, "customResourceState": {"enabled": True}}}, "PrometheusRule")
    return found["spec"]["groups"]


def alerts(**settings):
    return [rule for group in groups(**settings) for rule in group["rules"]]


def object_state(**settings):
    """The configuration of kube-state-metrics that the ConfigMap has."""
    values = {"metrics": {"customResourceState": {"enabled": True, **settings}}}
    [found] = [each for each in objects(values, "ConfigMap") if each["metadata"]["name"].endswith("object-state")]
    return found["data"]["config.yaml"]


def kubectl(*arguments, given=None, check=True):
    """`given` goes to standard input, as JSON."""
    return run("kubectl", *arguments, stdin=given and json.dumps(given), check=check)


def apply(*things):
    kubectl("apply", "--server-side", "--force-conflicts", "--filename", "-",
            given={"apiVersion": "v1", "kind": "List", "items": things})


def install_crd():
    kubectl("apply", "--server-side", "--force-conflicts", "--filename", ROOT / "crds")
    kubectl("wait", "--for=jsonpath={.status.conditions[?(@.type=='Established')].status}=True", "--timeout=60s",
            "crd/userpoolmfaconfigs.cognito.mfaoperator.dev")


def new_namespace(labels=None):
    """The name of a namespace that no other test has."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels or {}}})
    return name


def config(namespace, name, spec, **metadata):
    spec = {"userPoolId": "eu-west-1_AbCdEf123", **spec}
    return {**KIND, "metadata": {"namespace": namespace, "name": name, **metadata}, "spec": spec}
