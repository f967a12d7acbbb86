"""What a question is made of: the calls that ask it, and the outcome that is expected."""

import dataclasses
import enum
import json

OK = "OK"
READ = "GetUserPoolMfaConfig"
ANSWER = "answer"  # look at the answer of the last call itself


class Grade(str, enum.Enum):
    """How well a rule is known, the best first."""

    MEASURED = "measured"
    DOCS = "docs"
    MODEL = "model"
    REPORTED = "reported"
    INFERRED = "inferred"


@dataclasses.dataclass(frozen=True)
class Anything:
    """A member that is there, whatever it holds."""

    def __eq__(self, value):
        return value is not None

    __hash__ = None


@dataclasses.dataclass(frozen=True)
class OneOf:
    """A member that has one of these values. None stands for an absent member."""

    values: tuple

    def __eq__(self, value):
        return value in self.values

    __hash__ = None


@dataclasses.dataclass(frozen=True)
class Not:
    """A member that has another value than this one, or none."""

    unwanted: object

    def __eq__(self, value):
        return value != self.unwanted

    __hash__ = None


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of the last call, or what is expected of it.

    `words` is AWS's message; an expected outcome has the part of it that names its rule alone. `members` are
    JSON pointers with their values, and None for an absent member.
    """

    code: str = OK
    words: str = ""
    members: dict = dataclasses.field(default_factory=dict)

    def allows(self, came):
        """Whether what came is what is expected here."""
        same = all(value == came.members.get(pointer) for pointer, value in self.members.items())
        return self.code == came.code and self.words.lower() in came.words.lower() and same

    def __str__(self):
        shown = ", ".join(f"{pointer} {text(value)}" for pointer, value in self.members.items())
        if self.code != OK:
            return f"{self.code} with \"{self.words[:200]}\"" if self.words else self.code
        return f"accepted: {shown}" if shown else "accepted"


def text(value):
    """A member's value in a line of output."""
    if isinstance(value, Anything):
        return "present"
    if isinstance(value, Not):
        return f"not {text(value.unwanted)}"
    if isinstance(value, OneOf):
        return " or ".join(text(each) for each in value.values)
    return "absent" if value is None else json.dumps(value)


@dataclasses.dataclass(frozen=True)
class Question:
    """One rule, and how to ask AWS about it.

    The last step is the question; the steps before it prepare the pool and must be accepted. With a switch of the
    emulator, `default` names the position that `expect` stands for, and `others` the outcomes of its other positions.
    `facts` is what the emulator must be given because it has no IAM of its own.
    """

    rule: str
    says: str
    grade: Grade
    steps: tuple
    expect: Outcome
    look: str = READ
    switch: str = ""
    default: str = ""
    others: dict = dataclasses.field(default_factory=dict)
    facts: dict = dataclasses.field(default_factory=dict)

    @property
    def members(self):
        """The JSON pointers that any expected outcome names."""
        outcomes = [self.expect, *self.others.values()]
        return list(dict.fromkeys(pointer for outcome in outcomes for pointer in outcome.members))

    def position(self, came):
        """The position of the switch that behaves like this; None where none does."""
        if self.expect.allows(came):
            return self.default
        return next((name for name, outcome in self.others.items() if outcome.allows(came)), None)


def refused(words="", code="InvalidParameterException"):
    return Outcome(code=code, words=words)


def shows(**members):
    """Accepted, and afterwards these members have these values. `__` stands for a level, as in `Sms__ExternalId`."""
    return Outcome(members={"/" + name.replace("__", "/"): value for name, value in members.items()})


ACCEPTED = Outcome()


def question(rule, says, grade, *steps, expect, **more):
    """A question; its pool is one with a name only, unless the first step creates another."""
    if not steps or steps[0][0] != "CreateUserPool":
        steps = (pool(), *steps)
    facts = {"smsRole": role for placeholder, role in ROLES.items() if placeholder in str(steps)}
    return Question(rule, says, Grade(grade), steps, expect, **{"facts": facts, **more})


# What Cognito makes of the roles that are placeholders.
ROLES = {"<missing-role>": "NotTrusted", "<mute-role>": "NotPermitted"}


def pool(**fields):
    return "CreateUserPool", fields


def put(mode, *sections):
    """A write; a mode of None is left out."""
    merged = {name: value for section in sections for name, value in section.items()}
    return "SetUserPoolMfaConfig", {**({"MfaConfiguration": mode} if mode else {}), **merged}


def update(**fields):
    return "UpdateUserPool", fields


READ_IT = (READ, {})
# A write of what the last read returned.
PUT_BACK = ("SetUserPoolMfaConfig", "<last read>")
