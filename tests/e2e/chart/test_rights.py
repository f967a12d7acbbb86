"""Who may do what, as the chart grants it. That it uses just that is shown by tests/e2e/install."""

import unittest

from chart import template
from knobs import SCOPED

GROUP = "cognito.mfaoperator.dev"
ON_OBJECTS = {(GROUP, "userpoolmfaconfigs", verb) for verb in ("get", "list", "watch", "patch")} | {
    (GROUP, "userpoolmfaconfigs/status", "update")}
EVENTS = {("events.k8s.io", "events", verb) for verb in ("create", "patch")}
LEASE = {("coordination.k8s.io", "leases", verb) for verb in ("create", "get", "update")}
NAMESPACE = {("", "namespaces", "get")}
CRD = {("apiextensions.k8s.io", "customresourcedefinitions", "get")}

# What each kind of reference lets the operator get.
IN_NAMESPACES = {"ack": ("cognitoidentityprovider.services.k8s.aws", "userpools", "get"),
                 "upjet": ("cognitoidp.aws.m.upbound.io", "userpools", "get"),
                 "configMaps": ("", "configmaps", "get"), "secrets": ("", "secrets", "get")}
OF_CLUSTER = {"upjetCluster": ("cognitoidp.aws.upbound.io", "userpools", "get"),
              "crossplane": ("cognitoidentityprovider.aws.crossplane.io", "userpools", "get")}


def granted(values):
    """The rights of the operator's ServiceAccount, by namespace; "" for all of them."""
    objects = template(values)
    roles = {(one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"]): one for one in objects
             if one["kind"].endswith("Role")}
    rights = {}
    for one in objects:
        if one["kind"].endswith("RoleBinding"):
            assert one["subjects"] == [{"kind": "ServiceAccount", "name": "release-cognito-mfa-operator",
                                        "namespace": "home"}], one
            where = one["metadata"].get("namespace", "")
            bound = roles[one["roleRef"]["kind"], where, one["roleRef"]["name"]]
            rights.setdefault(where, set()).update(of_rules(bound["rules"]))
    return rights


def of_rules(rules):
    return {(group, resource, verb) for rule in rules for group in rule["apiGroups"] for resource in rule["resources"]
            for verb in rule["verbs"]}


class TheOperator(unittest.TestCase):
    def test_has_its_rights_where_it_serves_and_no_others(self):
        served = {"team-a": ON_OBJECTS | EVENTS, "team-b": ON_OBJECTS | EVENTS}
        for name, values, rights in [
            ("all namespaces", {}, {"": ON_OBJECTS | EVENTS, "home": LEASE}),
            ("all namespaces, with deletions", {"allowDisableOnDelete": True},
             {"": ON_OBJECTS | EVENTS | NAMESPACE | CRD, "home": LEASE}),
            ("some", SCOPED, {**served, "home": LEASE | EVENTS}),
            ("its own", {"watchNamespaces": ["home"]}, {"home": LEASE | ON_OBJECTS | EVENTS}),
            ("some, with deletions", {**SCOPED, "rbac.clusterScoped": True, "allowDisableOnDelete": True},
             {**{where: right | NAMESPACE for where, right in served.items()}, "home": LEASE | EVENTS, "": CRD}),
            ("none", {"rbac.create": False}, {}),
            ("all namespaces, with all references", {f"references.{kind}": True for kind in [*IN_NAMESPACES, *OF_CLUSTER]},
             {"": ON_OBJECTS | EVENTS | set(IN_NAMESPACES.values()) | set(OF_CLUSTER.values()), "home": LEASE}),
            *(("some, with a reference", {**SCOPED, f"references.{kind}": True},
               {**{where: right | {get} for where, right in served.items()}, "home": LEASE | EVENTS})
              for kind, get in IN_NAMESPACES.items()),
            *(("some, with a reference to the cluster", {**SCOPED, "rbac.clusterScoped": True, f"references.{kind}": True},
               {**served, "home": LEASE | EVENTS, "": {get}}) for kind, get in OF_CLUSTER.items()),
        ]:
            with self.subTest(name):
                self.assertEqual(granted(values), rights)


class People(unittest.TestCase):
    def test_may_read_and_may_write_when_asked_for_only(self):
        self.assertEqual(self.aggregated({}), {"view": {"get", "list", "watch"}})
        writers = self.aggregated({"rbac.aggregateEdit": True, "rbac.aggregateView": False})
        self.assertEqual(writers, {"edit": {"create", "update", "patch", "delete", "deletecollection"}})

    def test_who_only_view_never_write(self):
        for one in template({"rbac.aggregateEdit": True}):
            if one["metadata"].get("labels", {}).get("rbac.authorization.k8s.io/aggregate-to-view"):
                self.assertEqual({verb for _, _, verb in of_rules(one["rules"])}, {"get", "list", "watch"})

    def aggregated(self, values):
        """The verbs of the roles that nobody is bound to, by the ends of their names."""
        return {one["metadata"]["name"].rpartition(":")[2]: {verb for _, _, verb in of_rules(one["rules"])}
                for one in template(values)
                if any("aggregate-to" in label for label in one["metadata"].get("labels", {}))}
