"""The API server of KUBECONFIG as a few functions: JSON in, JSON out, one object's history by watch."""

import base64
import http.client
import json
import os
import pathlib
import ssl
import threading
import time
import urllib.parse

from commands import DEADLINE_SECONDS

GROUPS = {  # plural: the path of its group and version
    "applications": "/apis/argoproj.io/v1alpha1",
    "appprojects": "/apis/argoproj.io/v1alpha1",
    "userpoolmfaconfigs": "/apis/cognito.mfaoperator.dev/v1alpha1",
    "customresourcedefinitions": "/apis/apiextensions.k8s.io/v1",
    "deployments": "/apis/apps/v1",
}
MERGE = "application/merge-patch+json"


class Refused(Exception):
    """The server said no: `code` is HTTP's."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


class Kube:
    def __init__(self):
        self.config = json.loads(pathlib.Path(os.environ["KUBECONFIG"]).read_text())
        cluster = self.config["clusters"][0]["cluster"]
        self.address = urllib.parse.urlsplit(cluster["server"]).netloc
        self.token = self.config["users"][0]["user"]["token"]
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self.trust = ssl.create_default_context(cadata=authority)

    def open(self, method, path, body=None, content_type="application/json", timeout=30):
        connection = http.client.HTTPSConnection(self.address, context=self.trust, timeout=timeout)
        connection.request(method, path, None if body is None else json.dumps(body),
                           {"Authorization": f"Bearer {self.token}", "Content-Type": content_type})
        return connection, connection.getresponse()

    def ask(self, *arguments):
        connection, answer = self.open(*arguments)
        try:
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            raise Refused(answer.status, text.decode(errors="replace"))
        return json.loads(text)

    def get(self, plural, name, namespace=None):
        """The object, or None."""
        try:
            return self.ask("GET", path(plural, name, namespace))
        except Refused as refused:
            if refused.code == 404:
                return None
            raise

    def create(self, plural, body, namespace=None):
        return self.ask("POST", path(plural, None, namespace), body)

    def patch(self, plural, name, body, namespace=None, part=""):
        return self.ask("PATCH", path(plural, name, namespace) + part, body, MERGE)

    def delete(self, plural, name, namespace=None):
        return self.ask("DELETE", path(plural, name, namespace))

    def history(self, plural, name, namespace):
        return History(self, plural, name, namespace)


class History:
    """Every state of one object from now on, as its watch tells them. As a context it ends with the block."""

    def __init__(self, kube, plural, name, namespace):
        self.states, self.changed, self.ended = [], threading.Condition(), None
        query = urllib.parse.urlencode({"watch": 1, "fieldSelector": f"metadata.name={name}"})
        self.connection, self.answer = kube.open(
            "GET", f"{path(plural, None, namespace)}?{query}", timeout=DEADLINE_SECONDS * 5)
        self.thread = threading.Thread(target=self.read, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind, error, trace):
        self.connection.sock and self.connection.sock.shutdown(2)
        self.thread.join()
        self.connection.close()

    def read(self):
        try:
            for line in self.answer:
                with self.changed:
                    self.states.append(json.loads(line)["object"])
                    self.changed.notify_all()
        except (OSError, http.client.HTTPException, ValueError):
            pass  # the block is over
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait(self, condition, what):
        """The first state, from the beginning, for which the condition holds."""
        ends, seen = time.monotonic() + DEADLINE_SECONDS, 0
        with self.changed:
            while True:
                for state in self.states[seen:]:
                    if condition(state):
                        return state
                seen = len(self.states)
                left = ends - time.monotonic()
                if self.ended or left < 0:
                    last = json.dumps(self.states[-1].get("status") if self.states else None, indent=1)
                    raise AssertionError(f"did not come within {DEADLINE_SECONDS} s: {what}. At last: {last}")
                self.changed.wait(left)

    def forget(self):
        """Begins again with the state of now."""
        with self.changed:
            self.states = self.states[-1:]


def path(plural, name=None, namespace=None):
    root = GROUPS.get(plural, "/api/v1")
    within = f"/namespaces/{namespace}" if namespace else ""
    return f"{root}{within}/{plural}" + (f"/{name}" if name else "")
