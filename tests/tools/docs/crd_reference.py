#!/usr/bin/env python3
"""Print docs/crd-reference.md, made from the CRD's schema. Needs PyYAML: "$(tests/tools/venv)/bin/python" has it."""

import pathlib

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
HEAD = """<!-- Written by tests/tools/docs/crd_reference.py from crds/userpoolmfaconfigs.yaml (make generate). Do not edit. -->
# The resource `{kind}`
`{group}/{version}`, plural `{plural}`, short name `{short}`, categories {categories}; namespaced.
`--field-selector` takes {selectable}.

Samples are in [deploy/samples](../deploy/samples). In a cluster, `kubectl explain {short}.spec --recursive` lists the
fields, and without `--recursive` says what each is for. What the fields do together is in [behaviour.md](behaviour.md).
"""
ANNOTATIONS = """## Annotations
| annotation | |
|---|---|
| `cognito.mfaoperator.dev/reconcile-requested-at` | Any new value, such as a time, asks for a check now. |
| `cognito.mfaoperator.dev/allow-lowering` | The object's `metadata.generation`, or the hash of its settings that `diff` prints: lets one write take protection away at once, where the hourly limit on weakening writes would delay it. Once used, it stays used (`status.usedApprovals`). |

The finalizer `cognito.mfaoperator.dev/disable-mfa` is on objects with `deletionPolicy: Disable`: see
[behaviour.md](behaviour.md#deletion).
"""


def page():
    definition = yaml.safe_load((ROOT / "crds/userpoolmfaconfigs.yaml").read_text())["spec"]
    (version,) = definition["versions"]
    properties = version["schema"]["openAPIV3Schema"]["properties"]
    parts = [head(definition, version), *part("spec", properties["spec"]), *part("status", properties["status"]),
             "## Columns\n" + table(["column", "from", ""], columns(version)), ANNOTATIONS]
    return "\n".join(parts)


def head(definition, version):
    names = definition["names"]
    return HEAD.format(
        kind=names["kind"], group=definition["group"], version=version["name"], plural=names["plural"],
        short=names["shortNames"][0], categories=listed(names["categories"]),
        selectable=listed(field["jsonPath"].lstrip(".") for field in version["selectableFields"]))


def part(name, schema):
    """The section of spec or status: what it is, its fields, and the rules that go over several of them."""
    yield f"## {name}\n{schema['description']}\n"
    yield table(["field", "type", ""], fields(name, schema))
    if rules := list(all_rules(schema)):
        yield f"### Rules of {name}\n" + "\n".join(f"- `{path}`: {message}" for path, message in rules) + "\n"


def fields(path, schema):
    """A row for each field below, and those below it. Nobody but the operator writes the status."""
    required = schema.get("required", []) if path.startswith("spec") else []
    for name, field in schema.get("properties", {}).items():
        below = f"{path}.{name}"
        yield f"`{below}`", kind(field), with_facts(field, name in required)
        if below != "status.observed":
            yield from fields(below, field)
            yield from fields(f"{below}[]", field.get("items", {}))


def kind(field):
    if field["type"] == "array":
        return f"list of {field['items']['type']}s"
    return field.get("format") or field["type"]


def with_facts(field, required):
    """What the description says, and what of the schema it leaves out."""
    facts = [field.get("description", "")]
    if required and "Required" not in facts[0]:
        facts.append("Required.")
    if "enum" in field:
        facts.append("One of " + listed(field["enum"]) + ".")
    if "default" in field and "Default" not in facts[0]:
        facts.append(f"Default `{field['default']}`.")
    return " ".join(filter(None, facts))


def all_rules(schema, path="spec"):
    for rule in schema.get("x-kubernetes-validations", []):
        yield path, rule["message"]
    for name, field in schema.get("properties", {}).items():
        yield from all_rules(field, f"{path}.{name}")


def columns(version):
    for column in version["additionalPrinterColumns"]:
        wide = " (with `-o wide`)" if column.get("priority") else ""
        yield column["name"].upper(), f"`{column['jsonPath']}`", column.get("description", "") + wide


def listed(words):
    return ", ".join(f"`{word}`" for word in words)


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
