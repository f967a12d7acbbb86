"""The objects of the pages and of deploy/samples: the real API server takes them.

Wants KUBECONFIG and kubectl: run it under tests/tools/control-plane/control-plane run.
"""

import os
import subprocess
import unittest

import yaml

from pages import ROOT, blocks, documents, pages

KUBECTL = os.environ.get("KUBECTL", "kubectl")
CRD = "crd/userpoolmfaconfigs.cognito.mfaoperator.dev"


def kubectl(*words, **options):
    return subprocess.run([KUBECTL, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          **options)


def objects():
    """Every UserPoolMfaConfig that somebody may copy: where it stands, and its text."""
    for page in pages():
        for text in [*blocks(page, "yaml"), *documents(page)]:
            found = list(yaml.safe_load_all(text))
            if any(isinstance(one, dict) and one.get("kind") == "UserPoolMfaConfig" for one in found):
                yield page.relative_to(ROOT), text
    for sample in sorted((ROOT / "deploy/samples").glob("*.yaml")):
        yield sample.relative_to(ROOT), sample.read_text()


class Objects(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        kubectl("create", "namespace", "team-a")  # what the pages create before their objects
        for words in (["apply", "--server-side", "-f", ROOT / "crds"],
                      ["wait", CRD, "--for=jsonpath={.status.conditions[?(@.type=='Established')].status}=True", "--timeout=2m"]):
            ended = kubectl(*words)
            if ended.returncode != 0:
                raise RuntimeError(f"{ended.stdout}Run this under tests/tools/control-plane/control-plane run.")

    def test_the_api_server_takes_every_object(self):
        found = list(objects())
        self.assertGreater(len(found), 5)
        for place, text in found:
            with self.subTest(place):
                ended = kubectl("apply", "--dry-run=server", "-f", "-", input=text)
                self.assertEqual(ended.returncode, 0, ended.stdout)

    def test_an_object_with_a_field_that_is_none_is_refused(self):
        wrong = (ROOT / "deploy/samples/totp.yaml").read_text() + "  mfa: wrong\n"
        self.assertIn("unknown field", kubectl("apply", "--dry-run=server", "-f", "-", input=wrong).stdout)


if __name__ == "__main__":
    unittest.main()
