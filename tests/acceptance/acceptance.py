"""Asks the graded questions about Cognito's MFA settings, one by one, of AWS or of the emulator.

Start it with ./run or `make acceptance`. Without ACCEPTANCE=1 the emulator is asked, which the suite starts itself.
docs/acceptance.md says what it needs on AWS.
"""

import argparse
import os
import pathlib
import signal
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

import record
import report
import target
from ask import ask
from pools import STOPPING, Pools
from questions import CANNOT_BE_ASKED, QUESTIONS

DIFFERS, NOT_STARTED, POOLS_LEFT = 1, 2, 3


class Misused(Exception):
    """What was asked for cannot be done."""


class Stopped(BaseException):
    """A signal ended the run. No Exception, because botocore takes those for a broken connection and tries again."""


def arguments(words=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sms-role", default="", help="ARN of a role that Cognito may assume to send SMS; messages cost")
    parser.add_argument("--external-id", default="", help="the external id in the trust of that role")
    parser.add_argument("--mute-role", default="", help="ARN of such a role without the right to publish")
    parser.add_argument("--sms-phone", default="", help="phone number that receives two codes, such as +15555550100")
    parser.add_argument("--ses-identity", default="", help="ARN of a verified SES identity that sends email")
    parser.add_argument("--ses-from", default="", help="sender's address; default: the identity, or no-reply@ its domain")
    parser.add_argument("--region", default=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "")
    parser.add_argument("--rule", action="append", help="ask this rule alone; may be repeated")
    parser.add_argument("--questions", action="store_true", help="ask the questions, and leave out the operator's scenarios")
    parser.add_argument("--record", type=pathlib.Path, help="write what came to this file")
    parser.add_argument("--plan", action="store_true", help="print what would be made and asked, and stop")
    parser.add_argument("--delete-abandoned", action="store_true", help="delete all marked pools, however young, and stop")
    return parser.parse_args(words)


def choose_target(options):
    """AWS with ACCEPTANCE=1, else the emulator."""
    if os.environ.get("ACCEPTANCE") == "1":
        if not options.region:
            raise Misused("ACCEPTANCE=1 needs a Region: set AWS_REGION or give --region.")
        given = {name: getattr(options, name) for name in target.Options.__dataclass_fields__}
        return target.aws(options.region, target.Options(**given))
    if boto3.Session().get_credentials():
        print("The environment has AWS credentials. They are not used: ACCEPTANCE=1 asks AWS.")
    from emulator import Emulator
    from programs import Programs
    return target.emulator(Emulator(Programs()), options.region or target.EMULATOR_REGION)


def chosen_questions(rules):
    unknown = set(rules or []) - {question.rule for question in QUESTIONS}
    if unknown:
        raise Misused(f"There is no rule {', '.join(sorted(unknown))}. --plan lists them.")
    return [question for question in QUESTIONS if not rules or question.rule in rules]


def ask_all(questions, asked, pools, show=print):
    """The answers to all, each printed as it comes."""
    measured, answers = record.measured_rules(), []
    for question in questions:
        answers.append(ask(question, asked, pools))
        show(report.line(answers[-1], measured), flush=True)
    return answers


def run(options):
    """The exit code."""
    asked, questions = choose_target(options), chosen_questions(options.rule)
    print(report.before(asked, questions, with_operator=not options.questions), flush=True)
    if options.plan:
        print("\n".join(f"{question.rule} [{question.grade.value}] {question.says}" for question in questions))
        return 0
    pools = Pools(asked)
    with pools:
        for name in pools.delete_abandoned(options.delete_abandoned):
            print(f"Another run may still use {name}. If none does: --delete-abandoned")
        answers = [] if options.delete_abandoned else ask_all(questions, asked, pools)
        operator, failure = (None, "") if options.questions or options.delete_abandoned else run_operator(asked, pools)
    if options.delete_abandoned:
        return deletion_code(pools)
    return max(deletion_code(pools), conclude(options, asked, answers, operator, failure))


def run_operator(asked, pools):
    """What the operator's scenarios cost in writes, and the words of the one that failed."""
    import scenarios
    try:
        return scenarios.run(asked, pools), ""
    except Exception as failure:  # Whatever it is, the answers to the questions are worth a record.
        print(f"FAILED    operator: {failure}", flush=True)
        return None, str(failure)


def deletion_code(pools):
    """Names each pool that AWS would not delete."""
    for pool, why in pools.left:
        print(f"NOT DELETED: {pool}: {why}", file=sys.stderr)
    return POOLS_LEFT if pools.left else 0


def conclude(options, asked, answers, operator, failure):
    """Prints the end, writes the record, and returns the exit code."""
    content = record.record(asked, answers, operator)
    print(report.table(answers, record.measured_rules()))
    print(report.end(answers, {} if options.rule else CANNOT_BE_ASKED, content["switches"]))
    if options.record:
        record.write(options.record, content)
        print(f"The record is {options.record}.")
    if not any(answer.came for answer in answers):
        print("Nothing was asked: the reasons are above.", file=sys.stderr)
        return NOT_STARTED
    return DIFFERS if failure or any(answer.differs or answer.failed for answer in answers) else 0


def stop(signum, frame):
    raise Stopped(f"ended by signal {signum}")


def main():
    for signum in STOPPING:
        if signal.getsignal(signum) is not signal.SIG_IGN:  # nohup ignores SIGHUP, so that the run goes on.
            signal.signal(signum, stop)
    try:
        return run(arguments())
    except (ClientError, BotoCoreError, Misused, Stopped) as error:
        print(f"The suite stopped: {error}", file=sys.stderr)
        return NOT_STARTED


if __name__ == "__main__":
    sys.exit(main())
