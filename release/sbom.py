"""What is in the binary, as a CycloneDX document: its crates, and Debian's packages that are linked into it."""

import json
import pathlib
import re
import subprocess
import uuid
import zlib

import project

# Where the list is in a binary: offset and size.
SECTION = re.compile(r"\] \.dep-v0 +PROGBITS +[0-9a-f]+ ([0-9a-f]+) ([0-9a-f]+) ")
# release/notices begins each file of a Debian package with this.
PACKAGE = re.compile(r"(\S+) (\S+), from Debian's package ")


def write(binary, licences, target):
    """cargo-auditable has written the list of crates into the binary."""
    components = [*crates(binary), *packages(licences)]
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([project.version(), components]))
    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "serialNumber": f"urn:uuid:{serial}",
        "metadata": {"component": {
            "type": "application", "name": project.NAME, "version": project.version(), "bom-ref": project.NAME,
            "licenses": [{"license": {"id": "Apache-2.0"}}]}},
        "components": components,
    }
    pathlib.Path(target).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def crates(binary):
    for crate in json.loads(zlib.decompress(section(binary)))["packages"]:
        if crate.get("kind") != "build" and not crate.get("root"):
            yield component(f"pkg:cargo/{crate['name']}@{crate['version']}", crate["name"], crate["version"])


def section(binary):
    """readelf knows the binaries of all architectures, which objcopy does not."""
    shown = subprocess.run(["readelf", "--sections", "--wide", binary], stdout=subprocess.PIPE, text=True, check=True)
    found = SECTION.search(shown.stdout)
    if not found:
        raise project.Refused(f"{binary} has no list of its crates. Build it with cargo-auditable.")
    offset, size = (int(number, 16) for number in found.groups())
    return pathlib.Path(binary).read_bytes()[offset:offset + size]


def packages(licences):
    for file in sorted(pathlib.Path(licences).glob("debian-*.txt")):
        name, version = PACKAGE.match(file.read_text(encoding="utf-8")).groups()
        encoded = version.replace("+", "%2B")
        yield component(f"pkg:deb/debian/{name}@{encoded}?arch=source&distro=debian-12", name, version)


def component(purl, name, version):
    return {"type": "library", "bom-ref": purl, "purl": purl, "name": name, "version": version}
