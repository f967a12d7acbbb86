"""The chart, rendered by the real Helm, and the objects that come of it."""

import contextlib
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import time

import yaml

import commands
from commands import DEADLINE_SECONDS, ROOT, Refused, wait_until

CHART = ROOT / "charts/cognito-mfa-operator"
IMAGE = {"image.repository": "registry.example.com/cognito-mfa-operator"}
CRD = "userpoolmfaconfigs.cognito.mfaoperator.dev"
ABOUT = yaml.safe_load((CHART / "Chart.yaml").read_text())
VERSION = ABOUT["appVersion"]  # the program's
OLDEST = ABOUT["kubeVersion"].removeprefix(">=").removesuffix("-0")  # Kubernetes, such as 1.34.0


def run(*command, stdin=None, warnings=True):
    """What a program prints. Without warnings it must not have any."""
    ended = commands.run(*command, stdin=stdin, timeout=DEADLINE_SECONDS)
    if ended.stderr and not warnings:
        raise Refused(ended.stderr)
    return ended.stdout


def settings(values):
    """Values by their dotted names, as Helm's arguments."""
    return [word for name, value in {**IMAGE, **values}.items()
            for word in ("--set-json", f"{name}={json.dumps(value)}")]


def template(values, release="release", namespace="home", helm="helm", kubernetes=OLDEST):
    """The objects of the chart with these values."""
    return load(run(helm, "template", release, CHART, "--namespace", namespace, "--kube-version", kubernetes,
                    *settings(values)))


def load(text):
    return [document for document in yaml.load_all(text, Loader=yaml.CSafeLoader) if document]


def key(an_object):
    metadata = an_object["metadata"]
    return an_object["kind"], metadata.get("namespace", ""), metadata["name"]


def of_kind(objects, kind):
    return [one for one in objects if one["kind"] == kind]


def look(value, path):
    """What is at a dotted path; numbers are places in a list. None when nothing is."""
    for step in path:
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def as_version(version, folder, old, new):
    """The chart as it might have been at another version: with other texts in its files."""
    copy = pathlib.Path(folder) / CHART.name
    shutil.copytree(CHART, copy)
    change(copy / "Chart.yaml", f"version: {ABOUT['version']}", f"version: {version}")
    change(copy / "Chart.yaml", f'appVersion: "{VERSION}"', f'appVersion: "{version}"')
    change(copy / "files/crd.yaml", old, new)
    return copy


def change(path, old, new):
    text = path.read_text()
    assert old in text, (path, old)
    path.write_text(text.replace(old, new))


COUNTER = itertools.count()


def namespace():
    """A new namespace where Pods must be restricted. It stays: nothing here empties a deleted one."""
    name = f"chart-{os.getpid()}-{next(COUNTER)}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted"}
    created = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    run("kubectl", "create", "-f", "-", stdin=json.dumps(created))
    return name


def cluster(kind, *arguments):
    """What kubectl gets, as JSON; None when there is no such thing."""
    found = run("kubectl", "get", kind, "--ignore-not-found", "--output=json", *arguments)
    return json.loads(found) if found else None


def remove_crd():
    """So that the next test finds none."""
    run("kubectl", "delete", "crd", CRD, "--ignore-not-found", "--wait=false")
    wait_until(crd_is_gone, lambda: f"the CRD is gone: {cluster('crd', CRD)['status']}")


def crd_is_gone():
    """The server cannot list the kind's objects while it prepares their storage. It tries to end the deletion ever more
    rarely then, and at once when the CRD changes."""
    found = cluster("crd", CRD)
    if not found:
        return True
    reasons = {condition["reason"] for condition in found.get("status", {}).get("conditions", [])}
    if "InstanceDeletionFailed" in reasons:
        with contextlib.suppress(Refused):
            run("kubectl", "annotate", "crd", CRD, "--overwrite", f"test/asked-again={time.time()}")
    return False


@contextlib.contextmanager
def background(*command):
    """A program that runs beside the test and must end well."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield
            output, _ = process.communicate(timeout=DEADLINE_SECONDS)
        finally:
            process.kill()
    if process.returncode != 0:
        raise Refused(output)
