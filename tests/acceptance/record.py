"""What a run found out, as JSON that can be committed: without account ids, ARNs, pool ids or persons."""

import datetime
import json
import pathlib

from ask import ACCOUNT, ARN, POOL_ID
from question import Grade
from target import AWS, EMULATOR

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "crates" / "cognito-emulator" / "records"
VERSION = 1


def record(target, answers, operator=None, today=None):
    """The record of a run."""
    asked = [answer for answer in answers if answer.came]
    return {
        "version": VERSION,
        "of": target.kind,
        "region": target.region,
        **({"date": (today or datetime.date.today()).isoformat()} if target.kind != EMULATOR else {}),
        "switches": switches(answers),
        "questions": [entry(answer) for answer in asked],
        "notAsked": {answer.question.rule: answer.not_asked for answer in answers if not answer.came},
        **({"operator": operator} if operator else {}),
    }


def entry(answer):
    question, came = answer.question, answer.came
    return {
        "rule": question.rule,
        "switch": question.switch,
        "says": question.says,
        "steps": [{"operation": operation, "request": request} for operation, request in question.steps],
        "facts": question.facts,
        "look": question.look,
        "came": {"code": came.code, "words": came.words, "members": came.members},
    }


def switches(answers):
    """The emulator's switches as these answers set them: those whose default is not what came.

    Where two questions are about one switch, the one that comes first in the table decides.
    """
    found = {}
    for answer in answers:
        position = answer.question.position(answer.came) if answer.came and answer.question.switch else ""
        if position and position != answer.question.default:
            found.setdefault(answer.question.switch, position)
    return found


def write(path, content):
    """Writes a record, unless it names what must not leave the account."""
    text = lines(content)
    for pattern in (ACCOUNT, ARN, POOL_ID):
        found = pattern.search(text)
        if found:
            raise AssertionError(f"the record was not written: it names {found[0]}")
    path.write_text(text)


def lines(content):
    """JSON with each question on a line of its own, so that a difference of two records can be read."""
    fields = []
    for name, value in content.items():
        if isinstance(value, list):
            inner = ",\n".join(f"  {json.dumps(each, ensure_ascii=False)}" for each in value)
            fields.append(f' "{name}": [\n{inner}\n ]')
        else:
            fields.append(f' "{name}": {json.dumps(value, ensure_ascii=False)}')
    return "{\n" + ",\n".join(fields) + "\n}\n"


def committed():
    """The records of the repository by their file name."""
    return {path.name: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}


def measured_rules():
    """The rules that a committed record of AWS has asked, with the date of the latest."""
    dates = {}
    for content in committed().values():
        if content["of"] == AWS:
            for asked in content["questions"]:
                dates[asked["rule"]] = max(content["date"], dates.get(asked["rule"], ""))
    return dates


def grade(question, measured):
    """Today's grade: a committed record of AWS makes a measurement of any."""
    return Grade.MEASURED if question.rule in measured else question.grade
