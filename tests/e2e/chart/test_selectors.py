"""Each selector finds what it is for, and nothing of another release, whatever GitOps tools write on objects."""

import unittest

from chart import of_kind, template

ALL = {"replicaCount": 2, "networkPolicy.enabled": True, "metrics.serviceMonitor.enabled": True,
       "metrics.serviceMonitor.renderMode": "alwaysRender"}
POD_SELECTORS = {"Deployment": ("selector", "matchLabels"), "Service": ("selector",),
                 "PodDisruptionBudget": ("selector", "matchLabels"), "NetworkPolicy": ("podSelector", "matchLabels")}


def tracked(objects):
    """As Argo CD applies them where it tracks objects by a label: NAMESPACE_APPLICATION, or just the Application."""
    for one in objects:
        one["metadata"]["labels"]["app.kubernetes.io/instance"] = "argocd_platform"
    return objects


def selector(objects, kind, path):
    found = of_kind(objects, kind)[0]["spec"]
    for step in path:
        found = found[step]
    return found.items()


class Selectors(unittest.TestCase):
    def test_find_their_pods_and_the_service(self):
        plain = template(ALL)
        for objects in (plain, tracked(template(ALL))):
            pod = of_kind(objects, "Deployment")[0]["spec"]["template"]["metadata"]["labels"]
            for kind, path in POD_SELECTORS.items():
                self.assertLessEqual(selector(objects, kind, path), pod.items(), kind)
            service = of_kind(objects, "Service")[0]["metadata"]["labels"]
            self.assertLessEqual(selector(objects, "ServiceMonitor", ("selector", "matchLabels")), service.items())

    def test_find_nothing_of_another_release(self):
        ours, theirs = template(ALL), tracked(template(ALL, release="another"))
        pod = of_kind(theirs, "Deployment")[0]["spec"]["template"]["metadata"]["labels"]
        for kind, path in POD_SELECTORS.items():
            self.assertFalse(selector(ours, kind, path) <= pod.items(), kind)
        service = of_kind(theirs, "Service")[0]["metadata"]["labels"]
        self.assertFalse(selector(ours, "ServiceMonitor", ("selector", "matchLabels")) <= service.items())

    def test_of_the_operator_do_not_find_the_pod_of_helm_test_but_its_metrics_do(self):
        peer = {"namespaceSelector": {}}
        objects = template({**ALL, "networkPolicy.metricsFrom": [peer]})
        test = of_kind(objects, "Pod")[0]["metadata"]["labels"]
        for kind, path in POD_SELECTORS.items():
            self.assertFalse(selector(objects, kind, path) <= test.items(), kind)
        [first, second] = of_kind(objects, "NetworkPolicy")[0]["spec"]["ingress"][0]["from"]
        self.assertEqual(first, peer)
        self.assertLessEqual(second["podSelector"]["matchLabels"].items(), test.items())
