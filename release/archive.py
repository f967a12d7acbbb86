"""The archive of the command line for one platform."""

import gzip
import io
import pathlib
import subprocess
import tarfile
import tempfile

import project

COMPLETIONS = {"bash": project.NAME, "zsh": f"_{project.NAME}", "fish": f"{project.NAME}.fish"}


def write(binary, platform, licences, folder, pages_by=None):
    """Packs the binary with its pages and licences. `pages_by` is a program that runs here, where the binary does not:
    completions and manual pages are the same on each platform."""
    name = f"{project.NAME}_{project.version()}_{platform}"
    target = pathlib.Path(folder) / f"{name}.tar.gz"
    with tempfile.TemporaryDirectory() as content:
        content = pathlib.Path(content)
        write_pages(pages_by or binary, content)
        files = {project.NAME: pathlib.Path(binary), "LICENSE": project.ROOT / "LICENSE",
                 **below(licences, "licenses"), **below(content, "")}
        target.write_bytes(packed({f"{name}/{path}": file for path, file in files.items()}, f"{name}/{project.NAME}"))
    return target


def write_pages(program, folder):
    program = pathlib.Path(program).resolve()
    for shell, file in COMPLETIONS.items():
        script = subprocess.run([program, "completion", shell], stdout=subprocess.PIPE, check=True).stdout
        (folder / "completions").mkdir(exist_ok=True)
        (folder / "completions" / file).write_bytes(script)
    subprocess.run([program, "man", "--dir", folder / "man/man1"], check=True)


def below(folder, prefix):
    folder = pathlib.Path(folder)
    return {str(pathlib.PurePosixPath(prefix, file.relative_to(folder).as_posix())): file
            for file in folder.rglob("*") if file.is_file()}


def packed(files, program):
    """A compressed archive with the same bytes wherever and by whomever it is made."""
    time, raw = project.commit_time(), io.BytesIO()
    with gzip.GzipFile(fileobj=raw, mode="wb", mtime=time) as compressed, \
            tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, file in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.mode = file.stat().st_size, time, 0o755 if name == program else 0o644
            with file.open("rb") as content:
                archive.addfile(entry, content)
    return raw.getvalue()
