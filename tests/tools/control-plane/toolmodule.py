"""Programs built from a Go module of tools, once for each user and state of the module."""

import contextlib
import dataclasses
import fcntl
import hashlib
import os
import pathlib
import platform
import re
import shutil
import subprocess

from processes import Failure, Processes, clock, say, tail

SECONDS_BETWEEN_PROGRESS = 30


@dataclasses.dataclass(frozen=True)
class ToolModule:
    """A folder with a go.mod and a go.sum that name tools, and no code of its own."""

    title: str  # what it builds, in a sentence: "the programs of the control plane"
    folder: pathlib.Path
    label: str  # begins the name of the cache's folder
    packages: dict  # name: (package, minutes that a first build takes on two cores, together with the ones before)
    gigabytes: float  # what a first build leaves in Go's caches
    ldflags: str = "-s -w"
    tags: str = ""
    way_out: str = "then run this again"  # ends what an error says to do

    def find(self, names, signals):
        """The path of each named program, built when it must be. Raises Failure."""
        cache = self.cache_folder()
        if not all(is_program(cache / name) for name in names):
            try:
                cache.mkdir(parents=True, exist_ok=True)
                with self.only_builder(cache, signals):
                    self.build([name for name in names if not is_program(cache / name)], cache, signals)
            except OSError as error:
                raise Failure(f"cannot keep the programs in {cache}: {error}; "
                              f"set XDG_CACHE_HOME to a folder that can be written, {self.way_out}") from error
        return {name: cache / name for name in names}

    def cache_folder(self):
        """One folder for each recipe: the versions, how they are built, and the kind of machine."""
        recipe = hashlib.sha256(b"".join((self.folder / name).read_bytes() for name in ("go.mod", "go.sum")))
        recipe.update(repr(self.build_command("")).encode())
        parent = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
        machine = f"{platform.system()}-{platform.machine()}".lower()
        name = f"{self.label}-{machine}-{recipe.hexdigest()[:12]}"
        return pathlib.Path(parent) / "cognito-mfa-operator" / name

    @contextlib.contextmanager
    def only_builder(self, cache, signals):
        """Holds the folder's lock. The system gives it up when this process ends, so it is never stale."""
        with open(cache / "lock", "w") as lock:
            said = False
            while not try_lock(lock):
                if not said:
                    say(f"Another process is building {self.title}: waiting for it.")
                said = True
                signals.pause(0.5)
            yield

    def build(self, names, cache, signals):
        """Builds into a temporary folder beside the others: only a whole program gets its name by rename."""
        if not names:
            return
        self.check_go()
        minutes = sum(self.packages[name][1] for name in names)
        say(f"Building {', '.join(names)} from Go modules. This happens once: they are kept in {cache}.\n"
            f"About {minutes:g} minutes on two cores.")
        with Processes(cache, "building-") as processes:
            self.build_together(names, cache, processes, signals)

    def build_together(self, names, cache, processes, signals):
        """One invocation of Go has work for every core until the last program is linked."""
        output, log = (os.path.join(processes.folder, file) for file in ("programs", "log"))
        packages = [self.packages[name][0] for name in names]
        started = said = clock()
        environment = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"}
        command = [*self.build_command(output + os.sep), *packages]
        go = processes.spawn(command, log, cwd=self.folder, env=environment)
        while go.poll() is None:
            signals.pause(1)
            if clock() - said > SECONDS_BETWEEN_PROGRESS:
                said = clock()
                say(f"  still building after {said - started:.0f} s")
        if go.returncode != 0:
            raise Failure(f"Go could not build {', '.join(names)} (its last lines are below). It needs a Go module "
                          f"proxy that answers and some {self.gigabytes:g} GB of disk: fix that and run this again, "
                          f"{self.way_out}.\n{tail(log)}")
        for name, package in zip(names, packages):
            os.rename(os.path.join(output, executable_of(package)), cache / name)
        say(f"  built in {clock() - started:.0f} s")

    def build_command(self, output):
        """`go build`, less the packages."""
        tags = ["-tags", self.tags] if self.tags else []
        return ["go", "build", "-mod=readonly", "-trimpath", *tags, "-ldflags", self.ldflags, "-o", output]

    def check_go(self):
        """Raises Failure unless there is a Go that takes the module's go.mod."""
        wanted = re.search(r"^go (\d+\.\d+)", (self.folder / "go.mod").read_text(), re.M).group(1)
        install = f"install Go {wanted} or newer (https://go.dev/dl), {self.way_out}"
        if not shutil.which("go"):
            raise Failure(f"there is no go in PATH to build {self.title} with: {install}")
        # Any command that reads go.mod does: an old Go stops there, or fetches a newer one if it may.
        asked = subprocess.run(["go", "list", "-m"], cwd=self.folder, env={**os.environ, "GOWORK": "off"},
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if asked.returncode != 0:
            raise Failure(f"this Go cannot build {self.title} ({asked.stdout.strip()}): {install}")


def executable_of(package):
    """Go's name for a package's program: the last element of its path that is no major version."""
    return re.sub(r"/v\d+$", "", package).rpartition("/")[2]


def version_of(folder, module):
    """The version that the folder's go.mod requires of a module."""
    return re.search(rf"{re.escape(module)} (v\S+)", (folder / "go.mod").read_text()).group(1)


def try_lock(lock):
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False


def is_program(path):
    return path.is_file() and os.access(path, os.X_OK)
