"""The chart, install.yaml and krew's manifest, with the names and the digest of this release."""

import contextlib
import hashlib
import pathlib
import re
import subprocess
import tarfile
import tempfile

import project

ICON = "docs/icon.svg"
# krew's words for a platform, by ours.
PLATFORM = re.compile(rf"{project.NAME}_(.+)_(linux|darwin)_(amd64|arm64)\.tar\.gz")
# The comment of the value that names the image, which says what somebody does who has none.
REPOSITORY = re.compile(r'(?m)^  # -- .*\n(?:  # (?!-- ).*\n)*  repository: ""$')
STAND_IN = "registry.example.com/cognito-mfa-operator"


def write(digest, folder):
    """Writes what is installed: the chart, install.yaml, the CRD."""
    folder = pathlib.Path(folder)
    with committed_files() as tree:
        pin(tree, digest)
        subprocess.run([tree / "deploy/render"], check=True)
        helm = subprocess.run([tree / "tests/tools/control-plane/control-plane", "binaries", "helm"], check=True,
                              stdout=subprocess.PIPE, text=True).stdout.strip()
        subprocess.run([f"{helm}/helm", "package", tree / project.CHART, "--destination", folder], check=True)
        for source, target in (("deploy/install.yaml", "install.yaml"), ("crds/userpoolmfaconfigs.yaml", "crds.yaml")):
            (folder / target).write_bytes((tree / source).read_bytes())


@contextlib.contextmanager
def committed_files():
    """A copy of what is in the commit: nothing else gets into a release."""
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(["git", "archive", "HEAD"], cwd=project.ROOT, stdout=subprocess.PIPE, check=True).stdout
        archive = pathlib.Path(folder) / "commit.tar"
        archive.write_bytes(packed)
        tree = pathlib.Path(folder) / "tree"
        with tarfile.open(archive) as content:
            content.extractall(tree, filter="data")
        yield tree


def pin(tree, digest):
    """Names the image by its digest: nobody can put another image in its place later."""
    values = tree / project.CHART / "values.yaml"
    image = project.image()
    change(values, REPOSITORY, f"  # -- The image's name without tag.\n  repository: {image}")
    change(values, re.compile(r'(?m)^  digest: ""$'), f"  digest: {digest}")
    change(tree / project.CHART / "ci/default-values.yaml", re.compile(re.escape(STAND_IN)), image)
    about, version = tree / project.CHART / "Chart.yaml", project.version()
    change(about, re.compile(r"(?m)^annotations:$"),
           f"annotations:\n  artifacthub.io/images: |\n    - name: {project.NAME}\n      image: {image}@{digest}")
    home = project.address()
    icon = home.replace("https://github.com/", "https://raw.githubusercontent.com/") + f"/v{version}/{ICON}"
    with about.open("a", encoding="utf-8") as chart:
        chart.write(f"home: {home}\nsources:\n  - {home}\nicon: {icon}\n")


def change(file, pattern, text):
    changed, times = pattern.subn(lambda _: text, file.read_text(encoding="utf-8"))
    if times != 1:
        raise project.Refused(f"release/manifests.py looks for {pattern.pattern} in {file.name} and finds {times}, not one.")
    file.write_text(changed, encoding="utf-8")


def write_krew(folder):
    """krew's manifest, of the archives that are in the folder."""
    archives = [(file, PLATFORM.fullmatch(file.name)) for file in sorted(pathlib.Path(folder).glob("*.tar.gz"))]
    platforms = "".join(krew_platform(file, *found.groups()) for file, found in archives if found)
    (pathlib.Path(folder) / "upmfa.yaml").write_text(f"""apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: upmfa
spec:
  version: v{project.version()}
  homepage: {project.address()}
  shortDescription: MFA settings of Amazon Cognito user pools
  description: |
    Shows, compares and checks the UserPoolMfaConfig objects of
    cognito-mfa-operator, which keep the MFA and passkey settings of
    Amazon Cognito user pools equal to Kubernetes objects.
  platforms:
{platforms}""", encoding="utf-8")


def krew_platform(file, version, system, machine):
    folder = file.name.removesuffix(".tar.gz")
    return f"""    - selector:
        matchLabels:
          os: {system}
          arch: {machine}
      uri: {project.address()}/releases/download/v{version}/{file.name}
      sha256: {sha256(file)}
      bin: {folder}/{project.NAME}
"""


def sha256(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def write_checksums(folder):
    """In the form that sha256sum --check reads."""
    files = sorted(file for file in pathlib.Path(folder).iterdir() if file.name != "SHA256SUMS")
    (pathlib.Path(folder) / "SHA256SUMS").write_text("".join(f"{sha256(file)}  {file.name}\n" for file in files))
