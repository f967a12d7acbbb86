"""Programs beside a test, until the end of a block, and their pages."""

import contextlib
import http.client
import os
import pathlib

from commands import DEADLINE_SECONDS
from processes import end
from programs import answers

OPERATOR = pathlib.Path(os.environ["RUST_BINARIES"]) / "cognito-mfa-operator"


@contextlib.contextmanager
def operator(programs, cognito, *arguments):
    """The port of its pages, once it is ready. What this machine has set (AWS accounts, proxies) is not its own."""
    environment = {"KUBECONFIG": os.environ["KUBECONFIG"], "AWS_ENDPOINT_URL": cognito.url, "AWS_ACCESS_KEY_ID": "any",
                   "AWS_SECRET_ACCESS_KEY": "any", "AWS_EC2_METADATA_DISABLED": "true"}
    with running(programs, "operator", 1, lambda port: [OPERATOR, "run", "--listen", f"127.0.0.1:{port}", *arguments],
                 lambda port: answers(port, "/readyz"), environment) as [port]:
        yield port


@contextlib.contextmanager
def running(programs, *what):
    """The ports of a program."""
    process, ports = programs.start(*what)
    try:
        yield ports
    finally:
        end(process)


def page(port):
    """The metrics page and its media type."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_SECONDS)
    try:
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        return answer.read().decode(), answer.headers["Content-Type"]
    finally:
        connection.close()
