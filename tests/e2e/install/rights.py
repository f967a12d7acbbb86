"""What RBAC grants an account, and what the API server's audit log says that it used."""

import json
import os
import pathlib

from commands import wait_until

RBAC = "/apis/rbac.authorization.k8s.io/v1"


def granted(kube, namespace, account):
    """Every right as (namespace, group, resource, verb); the namespace is None where it is the whole cluster's."""
    rights = set()
    for kind, where in (("rolebindings", True), ("clusterrolebindings", False)):
        for binding in kube.ask("GET", f"{RBAC}/{kind}")["items"]:
            if (namespace, account) in [(each.get("namespace"), each["name"]) for each in binding.get("subjects", [])]:
                inside = binding["metadata"]["namespace"] if where else None
                rights |= {(inside, *right) for right in rules(role(kube, binding))}
    return rights


def role(kube, binding):
    name, kind = binding["roleRef"]["name"], binding["roleRef"]["kind"]
    if kind == "ClusterRole":
        return kube.ask("GET", f"{RBAC}/clusterroles/{name}")
    return kube.ask("GET", f"{RBAC}/namespaces/{binding['metadata']['namespace']}/roles/{name}")


def rules(found):
    for rule in found["rules"]:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                yield from ((group, resource, verb) for verb in rule["verbs"])


class AuditLog:
    """The log of the control plane that `control-plane run --audit-log` started."""

    def __init__(self, namespace, account):
        self.path = pathlib.Path(os.environ["TEST_AUDIT_LOG"])
        self.user = f"system:serviceaccount:{namespace}:{account}"

    def entries(self):
        """Those of the account, once every request in the log has ended there."""
        return wait_until(self.finished, "every request ends in the audit log")

    def finished(self):
        whole = self.path.read_text().rpartition("\n")[0]
        entries = [entry for entry in map(json.loads, whole.splitlines()) if entry["user"]["username"] == self.user]
        stages = {stage: {entry["auditID"] for entry in entries if entry["stage"] == stage}
                  for stage in ("RequestReceived", "ResponseComplete")}
        ended = entries and stages["RequestReceived"] == stages["ResponseComplete"]
        return [entry for entry in entries if entry["stage"] == "ResponseComplete"] if ended else None

    def used(self, rights):
        """The rights that were used, in the terms of `granted`: what no Role in its namespace allows, a ClusterRole did."""
        asked = ((on(entry), entry["verb"]) for entry in self.entries())
        used = {(where, group, resource, verb) for (where, group, resource), verb in asked}
        return {right if right in rights else (None, *right[1:]) for right in used}

    def refused(self):
        return [entry["requestURI"] for entry in self.entries() if entry["responseStatus"]["code"] == 403]


def on(entry):
    what = entry["objectRef"]
    part = f"/{what['subresource']}" if "subresource" in what else ""
    return what.get("namespace"), what.get("apiGroup", ""), what["resource"] + part
