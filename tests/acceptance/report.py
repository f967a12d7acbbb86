"""What the suite prints: one line for each question, and a table at the end."""

import collections
import textwrap

import record
from question import Grade
from ask import lacks
from target import AWS


def before(target, questions, with_operator):
    """What will be made and what it may cost, before anything is made."""
    possible = [question for question in questions if not lacks(question, target.placeholders)]
    users = sum("AdminInitiateAuth" in dict(question.steps) for question in possible)
    texts = sum(sends_sms(question) for question in possible)
    pools = len(possible) + (5 if with_operator else 0)
    lines = [
        f"Asking {target.kind} in {target.region}: {len(possible)} of {len(questions)} questions can be asked with these flags.",
        f"It makes up to {pools} user pools, a few at a time, named cognito-mfa-acceptance-*, and deletes each at once.",
    ]
    if target.kind == AWS:
        lines.append(f"Pools cost nothing. Up to {users} users sign in once, which counts them as active users of this month; "
                     "the first 10,000 of a month are free in the tiers LITE and ESSENTIALS [docs].")
        lines.append(f"Up to {texts} SMS may be sent and charged: Cognito may test a role when it is set [reported]."
                     if texts else "No SMS is sent, because --sms-role is not given.")
        lines.append(f"It sends at most {round(1 / target.pace.interval)} calls a second.")
    return "\n".join(textwrap.fill(line, 120) for line in lines)


def sends_sms(question):
    """How many messages it may cause: one when Cognito tests the role, one when a user signs in."""
    steps = str(question.steps)
    return ("<sms-role>" in steps) + ("<sms-phone>" in steps)


def line(answer, measured):
    """The rule, its grade today, what was expected, what came, and AWS's words."""
    question = answer.question
    head = f"{verdict(answer):9} {question.rule} [{record.grade(question, measured).value}] {question.says}"
    if not answer.came:
        return f"{head} | not asked: {answer.not_asked}"
    return f"{head} | expected {question.expect} | came {answer.came}"


def verdict(answer):
    if answer.came:
        return "ok" if answer.as_expected else "DIFFERS"
    return "FAILED" if answer.failed else "not asked"


def table(answers, measured):
    """How many questions of each grade were asked, and how many came as expected."""
    counts = collections.Counter((record.grade(answer.question, measured), verdict(answer)) for answer in answers)
    columns = ("ok", "DIFFERS", "FAILED", "not asked")
    rows = [("grade", *columns), *((grade.value, *(str(counts[grade, each]) for each in columns)) for grade in Grade)]
    return "\n".join("  ".join(cell.ljust(9) for cell in row).rstrip() for row in rows)


def end(answers, cannot_be_asked, found):
    """What differs and which switch of the emulator follows, and what nobody could ask."""
    lines = [f"not asked: {rule}: {why}" for rule, why in cannot_be_asked.items()]
    for answer in answers:
        if answer.differs:
            question = answer.question
            position = question.position(answer.came) if question.switch else None
            follows = f" It is the emulator's switch {question.switch}: {position}." if position else ""
            lines.append(f"{question.rule} differs: {question.says}. Expected {question.expect}, came {answer.came}.{follows}")
    if found:
        lines.append(f"The emulator's switches as found: {found}")
    return "\n".join(lines)
