"""Asks one question on a pool of its own."""

import dataclasses
import json
import re

from botocore.exceptions import BotoCoreError, ClientError

from question import ANSWER, OK, Outcome
from target import denied

# Ids that later steps need, by the call whose answer has them.
KEPT = {"CreateUserPool": ("<pool>", "/UserPool/Id"), "CreateUserPoolClient": ("<client>", "/UserPoolClient/ClientId")}
LAST_READ = "<last read>"
# What says nothing about a rule; boto3 has tried again already.
PASSING = {"TooManyRequestsException", "ThrottlingException", "InternalErrorException", "ServiceUnavailableException",
           "ConcurrentModificationException"}


@dataclasses.dataclass(frozen=True)
class Answer:
    """A question with what came of it, or with the reason why it was not asked."""

    question: object
    came: Outcome = None
    not_asked: str = ""
    failed: bool = False  # AWS refused a step that only prepares: the question needs another one

    @property
    def as_expected(self):
        return self.came is not None and self.question.expect.allows(self.came)

    @property
    def differs(self):
        return self.came is not None and not self.as_expected


class NotAsked(Exception):
    """Why a question was not asked. `failed`: it could have been."""

    def __init__(self, why, failed=False):
        super().__init__(why)
        self.failed = failed


class Asking:
    """One question on its way through its steps."""

    def __init__(self, question, target, pools):
        self.question, self.target, self.pools = question, target, pools
        self.values, self.last_read = dict(target.placeholders), None

    def run(self):
        """The Answer. The pool is gone afterwards."""
        lacking = lacks(self.question, self.target.placeholders)
        if lacking:
            return Answer(self.question, not_asked=reason(lacking))
        try:
            return self.steps()
        except NotAsked as why:
            return Answer(self.question, not_asked=str(why), failed=why.failed)
        finally:
            if "<pool>" in self.values:
                self.pools.delete(self.values["<pool>"])

    def steps(self):
        *before, last = self.question.steps
        for operation, request in before:
            came, _ = self.step(operation, request)
            if came.code != OK:
                why = f"the step before it, {operation}, was refused: {came.code}: {came.words}"
                return Answer(self.question, not_asked=why, failed=True)
        came, answer = self.step(*last)
        if came.code == OK and self.question.members:
            came = dataclasses.replace(came, members=self.look(answer))
        return Answer(self.question, came)

    def step(self, operation, request):
        """The outcome of a call, and its answer."""
        try:
            answer = self.call(operation, self.filled(request))
        except BotoCoreError as error:
            raise NotAsked(f"{operation} had no answer: {scrubbed(str(error), self.values)}", failed=True) from error
        except ClientError as error:
            code = error.response["Error"]["Code"]
            words = scrubbed(error.response["Error"].get("Message", ""), self.values)
            if code == "UnknownOperationException":
                raise NotAsked(f"{self.target.kind} has no {operation}") from error
            if code in PASSING:
                raise NotAsked(f"{operation} had no answer: {code}: {words}", failed=True) from error
            outcome = Outcome(code, words)
            if denied(error) and not self.question.expect.allows(outcome):
                raise NotAsked(f"{operation} was denied: {words}") from error
            return outcome, None
        if operation in KEPT:
            placeholder, pointer = KEPT[operation]
            self.values[placeholder] = at(answer, pointer)
        if operation == "CreateUserPool":
            self.target.set_facts(self.values["<pool>"], self.question.facts)
        return Outcome(), answer

    def call(self, operation, request):
        if operation == "CreateUserPool":
            return self.pools.create(request)
        if operation == "UpdateUserPool":
            return self.pools.update(self.values["<pool>"], request)
        answer = self.target.call(operation, {"UserPoolId": self.values["<pool>"], **request})
        if operation == "GetUserPoolMfaConfig":
            self.last_read = answer
        return answer

    def filled(self, request):
        return self.last_read if request == LAST_READ else fill(request, self.values)

    def look(self, answer):
        """The members that the question is about, in a form that a record may have."""
        if self.question.look != ANSWER:
            _, answer = self.step(self.question.look, {})
        found = {pointer: at(answer, pointer) for pointer in self.question.members}
        return json.loads(scrubbed(json.dumps(found), self.values))


def ask(question, target, pools):
    return Asking(question, target, pools).run()


def needs(question):
    """The placeholders of its steps."""
    return set(re.findall(r"<[a-z ]+(?:-[a-z]+)*>", json.dumps(question.steps)))


def lacks(question, placeholders):
    """The placeholders that have no value, and that no step of the question gives one."""
    return sorted(needs(question) - placeholders.keys() - {name for name, _ in KEPT.values()} - {LAST_READ})


def reason(lacking):
    """What the person who starts the suite can give."""
    flags = {"<sms-role>": "--sms-role", "<mute-role>": "--mute-role", "<sms-phone>": "--sms-phone",
             "<ses-identity>": "--ses-identity", "<ses-from>": "--ses-identity",
             "<region-without-sns>": "a Region that sends SMS through another one, such as ap-northeast-2"}
    return "it needs " + " and ".join(dict.fromkeys(flags[name] for name in lacking))


def fill(template, values):
    """The same with the placeholders replaced."""
    if isinstance(template, dict):
        return {name: fill(value, values) for name, value in template.items()}
    if isinstance(template, list):
        return [fill(value, values) for value in template]
    if isinstance(template, str):
        for placeholder, value in values.items():
            template = template.replace(placeholder, value)
        return re.sub(r"<x\*(\d+)>", lambda times: "x" * int(times[1]), template)
    return template


def at(answer, pointer):
    """The member at a JSON pointer; None where there is none."""
    for name in pointer.split("/")[1:]:
        if isinstance(answer, list):
            answer = answer[int(name)] if int(name) < len(answer) else None
        else:
            answer = (answer or {}).get(name)
    return answer


ACCOUNT, ARN = re.compile(r"\b\d{12}\b"), re.compile(r"arn:[\w-]+:[^\s\"'\\,)]+")
POOL_ID = re.compile(r"\b[a-z]{2}(?:-[a-z]+)+-\d_[0-9A-Za-z]+")


MANY = re.compile(r"x{20,}")  # AWS repeats a value that is too long.


def scrubbed(text, values):
    """AWS's words without what names an account, a pool or a person."""
    secret = [name for name in values if "region" not in name]
    for name in sorted(secret, key=lambda name: -len(values[name])):
        text = text.replace(values[name], name)
    for pattern, name in ((ARN, "<arn>"), (POOL_ID, "<pool>"), (ACCOUNT, "<account>")):
        text = pattern.sub(name, text)
    return MANY.sub(lambda found: f"<x*{len(found[0])}>", text)
