"""What expressions, documents and the dashboard name, and what there is."""

import re

import yaml

import kit

METRIC = re.compile(r"\b(?:cognito_mfa_operator|userpoolmfaconfig)_[a-z_]+\b")
REGISTERED = re.compile(r'register(_with_unit)?\(\s*"(\w+)"')
HISTOGRAMS = {"aws_call_duration_seconds", "aws_wait_seconds"}
COUNTERS = {"reconciliations", "aws_calls", "drift_corrections", "lowerings"}


def unknown(text):
    return set(METRIC.findall(text)) - own_series() - object_metrics()


def own_metrics():
    """The names that documents and queries use, from where they are registered; the page has the same (test_page.py)."""
    source = "".join(file.read_text() for file in (kit.ROOT / "src/ops/metrics").glob("*.rs"))
    names = {name + ("_seconds" if unit else "") for unit, name in REGISTERED.findall(source)}
    return {f"cognito_mfa_operator_{name}{'_total' if name in COUNTERS else ''}" for name in names}


def own_series():
    parts = {f"cognito_mfa_operator_{name}_{part}" for name in HISTOGRAMS for part in ("bucket", "sum", "count")}
    return own_metrics() | parts


def object_metrics():
    """The names that kube-state-metrics gives; test_object_state.py sees them come."""
    [resource] = yaml.safe_load(kit.object_state())["spec"]["resources"]
    return {f"{resource['metricNamePrefix']}_{metric['name']}" for metric in resource["metrics"]}


def codes(class_name):
    """The error codes that the operator treats as this class."""
    failure = (kit.ROOT / "crates/core/src/calls/failure.rs").read_text()
    constants = dict(re.findall(r'pub const (\w+): &str = "(\w+)"', failure))
    table = re.findall(r'\(("?\w+"?), FailureClass::(\w+)\)', (kit.ROOT / "src" / "aws" / "error_codes.rs").read_text())
    return {constants.get(code, code.strip('"')) for code, of in table if of == class_name}


def codes_of(alerts, name):
    """The codes that an alert's expression has, once for each list in it."""
    [alert] = [alert for alert in alerts if alert["alert"] == f"CognitoMfaOperator{name}"]
    return [set(found.split("|")) for found in re.findall(r'code=~"([^"]+)"', alert["expr"])]


def states():
    """The reasons in the table of docs/troubleshooting.md, which tests/tools/docs holds to those of the operator."""
    return set(re.findall(r"^\| \[`(\w+)`\]\(#\w+\) \|", (kit.ROOT / "docs" / "troubleshooting.md").read_text(), re.M))


def states_in(expression):
    found = re.findall(r'(?:state|reason)[!=]~?"([^"]+)"', expression)
    return {state for states in found for state in states.split("|")}


def headings(markdown):
    """The anchors that GitHub gives the headings."""
    titles = re.findall(r"^#+ (.+)$", markdown, re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
