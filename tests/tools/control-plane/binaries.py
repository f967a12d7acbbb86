"""Where the programs for tests are: given, cached, or built."""

import os
import pathlib
import re

from processes import Failure
from toolmodule import ToolModule, is_program, version_of

TESTS = pathlib.Path(__file__).resolve().parents[2]
TOOLS = TESTS / "tools/control-plane/tools"
KUBERNETES = version_of(TOOLS, "k8s.io/kubernetes")
CHART = TESTS.parent / "charts/cognito-mfa-operator/Chart.yaml"
OLDEST = re.search(r'^kubeVersion: ">=(\d+\.\d+)\.0-0"$', CHART.read_text(), re.M)[1]
NEEDED = ("kube-apiserver", "etcd", "kubectl")  # what KUBEBUILDER_ASSETS holds, by setup-envtest's convention


def kubernetes_flags():
    """Unless given its version, Kubernetes calls itself v0.0.0-master, which fails a Helm chart's kubeVersion."""
    major, minor = KUBERNETES[1:].split(".")[:2]
    values = {"gitVersion": KUBERNETES, "gitMajor": major, "gitMinor": minor}
    variables = " ".join(f"-X k8s.io/component-base/version.{key}={value}" for key, value in values.items())
    return f"-s -w {variables}"


CONTROL_PLANE = ToolModule(
    title="the programs of the control plane",
    folder=TOOLS,
    label=f"control-plane-{KUBERNETES}",
    packages={
        "kube-apiserver": ("k8s.io/kubernetes/cmd/kube-apiserver", 5),
        "etcd": ("go.etcd.io/etcd/server/v3", 0.5),
        "kubectl": ("k8s.io/kubernetes/cmd/kubectl", 0.5),
        "kube-controller-manager": ("k8s.io/kubernetes/cmd/kube-controller-manager", 1.5),
        "helm": ("helm.sh/helm/v4/cmd/helm", 1),
    },
    gigabytes=5,
    ldflags=kubernetes_flags(),
    way_out=("or set KUBEBUILDER_ASSETS to a folder that holds kube-apiserver, etcd and kubectl "
             "(setup-envtest makes one)"),
)
ARGO_CD = ToolModule(
    title="Argo CD",
    folder=TESTS / "e2e/argocd/tools",
    label=f"argocd-{version_of(TESTS / 'e2e/argocd/tools', 'github.com/argoproj/argo-cd/v3')}",
    packages={
        "argocd": ("github.com/argoproj/argo-cd/v3/cmd", 5),
        "kustomize": ("sigs.k8s.io/kustomize/kustomize/v5", 0.5),
    },
    gigabytes=5,
)
LINTERS = ToolModule(
    title="the linters",
    folder=TESTS / "tools/lint/tools",
    label=f"lint-{version_of(TESTS / 'tools/lint/tools', 'github.com/rhysd/actionlint')}",
    packages={"actionlint": ("github.com/rhysd/actionlint/cmd/actionlint", 0.5)},
    gigabytes=1,
)
HELM3_VERSION = version_of(TESTS / "e2e/chart/helm3", "helm.sh/helm/v3")
HELM3 = ToolModule(
    title="the oldest Helm that the chart is for",
    folder=TESTS / "e2e/chart/helm3",
    label=f"helm3-{HELM3_VERSION}",
    packages={"helm3": ("helm.sh/helm/v3/cmd/helm", 2)},
    gigabytes=1.5,
    ldflags=f"-s -w -X helm.sh/helm/v3/internal/version.version={HELM3_VERSION}",
)
PROMTOOL = ToolModule(
    title="promtool",
    folder=TESTS / "e2e/monitoring/tools/promtool",
    label=f"promtool-{version_of(TESTS / 'e2e/monitoring/tools/promtool', 'github.com/prometheus/prometheus')}",
    packages={"promtool": ("github.com/prometheus/prometheus/cmd/promtool", 2)},
    gigabytes=1.5,
    tags="remove_all_sd",  # without what it can discover targets in, which is most of its size
)
KUBE_STATE_METRICS = ToolModule(
    title="kube-state-metrics",
    folder=TESTS / "e2e/monitoring/tools/kube-state-metrics",
    label=f"kube-state-metrics-{version_of(TESTS / 'e2e/monitoring/tools/kube-state-metrics', 'k8s.io/kube-state-metrics/v2')}",
    packages={"kube-state-metrics": ("k8s.io/kube-state-metrics/v2", 1)},
    gigabytes=1.5,
)
# Each with programs of its own names. A module more is a folder with go.mod and go.sum, and an entry here.
MODULES = (CONTROL_PLANE, ARGO_CD, LINTERS, HELM3, PROMTOOL, KUBE_STATE_METRICS)
NAMES = tuple(name for module in MODULES for name in module.packages)


def find(names, signals):
    """The path of each named program, built when it must be. Raises Failure."""
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        raise Failure(f"no program is called {', '.join(unknown)}: choose among {', '.join(NAMES)}")
    given = given_programs()
    found = {name: given[name] for name in names if name in given}
    for module in MODULES:
        found |= module.find([name for name in names if name in module.packages and name not in given], signals)
    return found


def given_programs():
    """What KUBEBUILDER_ASSETS holds. It must be whole: a build of minutes is not what its owner expects."""
    setting = os.environ.get("KUBEBUILDER_ASSETS")
    if not setting:
        return {}
    folder = pathlib.Path(setting).absolute()
    missing = [name for name in NEEDED if not is_program(folder / name)]
    if missing:
        raise Failure(f"KUBEBUILDER_ASSETS is {setting}, which holds no program {', '.join(missing)}: "
                      "correct it, or unset it to have them built")
    return {name: folder / name for name in CONTROL_PLANE.packages if is_program(folder / name)}
