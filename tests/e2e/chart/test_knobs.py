"""Each value of the chart does what it says."""

import functools
import json
import re
import runpy
import unittest

from chart import ROOT, Refused, look, of_kind, template
from knobs import KNOBS

# Their own tests are beside what they make.
ELSEWHERE = ("metrics.", "admission.")


def found(objects, kind, path):
    """What is at the path in the object of a kind, or of a kind and the end of its name."""
    kind, _, end = kind.partition("/")
    named = [one for one in of_kind(objects, kind) if one["metadata"]["name"].endswith(end)]
    return look(named[0], split(path)) if named else None


def split(path):
    """At the dots, but for those in the name of a label of Kubernetes' own."""
    whole = re.sub(r"(?<=labels\.)[a-z.0-9]+/", lambda name: name[0].replace(".", "\0"), path)
    return [step.replace("\0", ".") for step in whole.split(".")]


def shows(value, expected):
    if isinstance(value, list) and not isinstance(expected, list):
        return expected in value
    return value == expected


def without(values, name):
    """What the chart makes of the values less one; nothing where it refuses that."""
    return or_nothing(json.dumps({other: value for other, value in values.items() if other != name}))


@functools.cache
def or_nothing(values):
    try:
        return template(json.loads(values))
    except Refused:
        return []


class AValue(unittest.TestCase):
    def test_changes_what_it_names_and_only_when_it_is_set(self):
        for name, value, kind, path, expected, *others in KNOBS:
            with self.subTest(name, value=value):
                values = {**dict(*others), name: value}
                changed = found(template(values), kind, path)
                self.assertTrue(shows(changed, expected), f"{changed!r} is at {path}")
                plain = found(without(values, name), kind, path)
                self.assertFalse(shows(plain, expected), f"{plain!r} is there without it, too")

    def test_is_in_the_table_of_this_test(self):
        documented = {name for name, _, _ in runpy.run_path(str(ROOT / "deploy/render"))["documented_values"]()}
        here = {name for name, *_ in KNOBS}
        self.assertEqual({name for name in documented if not name.startswith(ELSEWHERE)}, here)
