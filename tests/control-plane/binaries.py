"""Where the programs of the control plane are: given, cached, or built."""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import platform
import re
import shutil
import subprocess

from processes import Failure, Processes, clock, say, tail

TOOLS = pathlib.Path(__file__).resolve().parent / "tools"
# name: (package, minutes that a first build takes on two cores, each after the ones before it)
PACKAGES = {
    "kube-apiserver": ("k8s.io/kubernetes/cmd/kube-apiserver", 5),
    "etcd": ("go.etcd.io/etcd/server/v3", 0.5),
    "kubectl": ("k8s.io/kubernetes/cmd/kubectl", 0.5),
    "kube-controller-manager": ("k8s.io/kubernetes/cmd/kube-controller-manager", 1.5),
    "helm": ("helm.sh/helm/v4/cmd/helm", 1),
}
NEEDED = ("kube-apiserver", "etcd", "kubectl")  # what KUBEBUILDER_ASSETS holds, by setup-envtest's convention
WAY_OUT = ("or set KUBEBUILDER_ASSETS to a folder that holds kube-apiserver, etcd and kubectl "
           "(setup-envtest makes one)")
SECONDS_BETWEEN_PROGRESS = 30


def find(names, signals):
    """The path of each named program, built when it must be. Raises Failure."""
    unknown = sorted(set(names) - set(PACKAGES))
    if unknown:
        raise Failure(f"no program is called {', '.join(unknown)}: choose among {', '.join(PACKAGES)}")
    given = given_programs()
    others = [name for name in names if name not in given]
    return {**{name: given[name] for name in names if name in given}, **cached_or_built(others, signals)}


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
    return {name: folder / name for name in PACKAGES if is_program(folder / name)}


def cached_or_built(names, signals):
    folder = cache_folder()
    if not all(is_program(folder / name) for name in names):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with only_builder(folder, signals):
                build([name for name in names if not is_program(folder / name)], folder, signals)
        except OSError as error:
            raise Failure(f"cannot keep the programs in {folder}: {error}; "
                          f"set XDG_CACHE_HOME to a folder that can be written, {WAY_OUT}") from error
    return {name: folder / name for name in names}


def cache_folder():
    """One folder for each recipe: the versions, how they are built, and the kind of machine."""
    recipe = hashlib.sha256(b"".join((TOOLS / name).read_bytes() for name in ("go.mod", "go.sum")))
    recipe.update(repr(build_command("")).encode())
    parent = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    machine = f"{platform.system()}-{platform.machine()}".lower()
    name = f"control-plane-{kubernetes_version()}-{machine}-{recipe.hexdigest()[:12]}"
    return pathlib.Path(parent) / "cognito-mfa-operator" / name


@contextlib.contextmanager
def only_builder(folder, signals):
    """Holds the folder's lock. The system gives it up when this process ends, so it is never stale."""
    with open(folder / "lock", "w") as lock:
        said = False
        while not try_lock(lock):
            if not said:
                say("Another process is building the programs of the control plane: waiting for it.")
            said = True
            signals.pause(0.5)
        yield


def try_lock(lock):
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False


def build(names, folder, signals):
    """Builds into a temporary folder beside the others: only a whole program gets its name by rename."""
    if not names:
        return
    check_go()
    minutes = sum(PACKAGES[name][1] for name in names)
    say(f"Building {', '.join(names)} from Go modules. This happens once: they are kept in {folder}.\n"
        f"About {minutes:g} minutes on two cores.")
    with Processes(folder, "building-") as processes:
        for place, name in enumerate(names, 1):
            build_one(name, f"{place} of {len(names)}", folder, processes, signals)


def build_one(name, place, folder, processes, signals):
    output, log = os.path.join(processes.folder, name), os.path.join(processes.folder, "log")
    say(f"  {name} ({place}): about {PACKAGES[name][1]:g} min")
    started = clock()
    environment = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"}
    go = processes.spawn([*build_command(output), PACKAGES[name][0]], log, cwd=TOOLS, env=environment)
    said = started
    while go.poll() is None:
        signals.pause(1)
        if clock() - said > SECONDS_BETWEEN_PROGRESS:
            said = clock()
            say(f"  {name} ({place}): still building after {said - started:.0f} s")
    if go.returncode != 0:
        raise Failure(f"Go could not build {name} (its last lines are below). It needs a Go module proxy "
                      "that answers and some 5 GB of disk: mend that and run this again, "
                      f"{WAY_OUT}.\n{tail(log)}")
    os.rename(output, folder / name)
    say(f"  {name} ({place}): built in {clock() - started:.0f} s")


def build_command(output):
    """`go build`, less the package. Unless told its version, Kubernetes calls itself v0.0.0-master, which
    fails a Helm chart's kubeVersion."""
    version = kubernetes_version()
    major, minor = version[1:].split(".")[:2]
    values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    variables = " ".join(f"-X k8s.io/component-base/version.{key}={value}" for key, value in values.items())
    return ["go", "build", "-mod=readonly", "-trimpath", "-ldflags", f"-s -w {variables}", "-o", output]


def kubernetes_version():
    return re.search(r"k8s\.io/kubernetes (v\S+)", (TOOLS / "go.mod").read_text()).group(1)


def check_go():
    """Raises Failure unless there is a Go that takes the module's go.mod."""
    wanted = re.search(r"^go (\d+\.\d+)", (TOOLS / "go.mod").read_text(), re.M).group(1)
    install = f"install Go {wanted} or newer (https://go.dev/dl), {WAY_OUT}"
    if not shutil.which("go"):
        raise Failure(f"there is no go in PATH to build the control plane with: {install}")
    # Any command that reads go.mod does: an old Go stops there, or fetches a newer one if it may.
    asked = subprocess.run(["go", "list", "-m"], cwd=TOOLS, env={**os.environ, "GOWORK": "off"},
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if asked.returncode != 0:
        raise Failure(f"this Go cannot build the control plane ({asked.stdout.strip()}): {install}")


def is_program(path):
    return path.is_file() and os.access(path, os.X_OK)
