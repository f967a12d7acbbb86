"""The questions: the emulator answers each as expected, and each of its switches is noticed and named."""

import unittest
import unittest.mock

import botocore.session
from botocore.validate import ParamValidator

import record
import report
from acceptance import ask_all
from ask import ask, fill, needs
from fixtures import emulated, emulator, programs
from pools import Pools
from questions import QUESTIONS, USERS
from target import Options, Target, client, placeholders


def asked(questions, target):
    with Pools(target) as pools:
        return ask_all(questions, target, pools, show=lambda *words, **options: None)


def deviations():
    """Every position of a switch that is not its default, as the emulator lists them."""
    default = default_switches()
    listed = emulator().admin("GET", "switches/each-alone")
    return [(each["name"], {name: value for name, value in each["switches"].items() if value != default[name]})
            for each in listed]


def default_switches():
    emulated()
    return emulator().admin("GET", "switches")


class OfTheEmulator(unittest.TestCase):
    def test_by_default_every_question_is_answered_as_expected(self):
        for region in ("us-east-1", "ap-northeast-2"):
            answers = asked(QUESTIONS, emulated(region=region))
            wrong = [report.line(answer, {}) for answer in answers if answer.differs or answer.failed]
            self.assertEqual(wrong, [], region)
            self.assertGreater(sum(answer.as_expected for answer in answers), 90)

    def test_its_committed_record_is_that_of_today(self):
        content = record.record(emulated(), asked(QUESTIONS, emulated()))
        self.assertEqual(record.committed()["emulator.json"], content,
                         "tests/acceptance/run --questions --record crates/cognito-emulator/records/emulator.json")

    def test_each_switch_that_is_turned_is_named_with_its_rule_and_its_position(self):
        switched = [question for question in QUESTIONS if question.switch]
        turned = deviations()
        self.assertGreater(len(turned), 10)
        for name, switch in turned:
            target = emulated()
            emulator().admin("PATCH", "switches", switch)
            answers = asked(switched, target)
            with self.subTest(name):
                self.assertEqual(record.switches(answers), switch)
                rules = {answer.question.rule: answer.question.switch for answer in answers if answer.differs}
                self.assertEqual(set(rules.values()), set(switch))
                said = report.end(answers, {}, switch)
                for rule in rules:
                    self.assertIn(f"{rule} differs", said)
                self.assertIn(f"{[*switch][0]}: {[*switch.values()][0]}", said)

    def test_the_switches_of_a_record_make_the_emulator_answer_as_recorded(self):
        target = emulated()
        emulator().admin("PATCH", "switches", {"smsRemoval": "Refused", "serverDefaults": "Filled"})
        recorded = record.record(target, asked(QUESTIONS, target))
        target = emulated()
        emulator().admin("PATCH", "switches", recorded["switches"])
        self.assertEqual(record.record(target, asked(QUESTIONS, target)), recorded)

    def test_every_position_of_a_question_is_one_that_the_switch_has(self):
        default, positions = default_switches(), {}
        for _, switch in deviations():
            for name, position in switch.items():
                positions.setdefault(name, {default[name]}).add(position)
        for question in QUESTIONS:
            if question.switch:
                with self.subTest(question.rule):
                    self.assertEqual(question.default, default[question.switch])
                    self.assertLessEqual(set(question.others), positions[question.switch])

    def test_a_refused_preparation_is_a_failure_and_no_answer(self):
        target = emulated()
        emulator().fail(None, "SetUserPoolMfaConfig", "InternalErrorException", "try later")
        question = next(each for each in QUESTIONS if each.rule == "totp-after-off")
        [answer] = asked([question], target)
        self.assertTrue(answer.failed)
        self.assertIn("try later", report.line(answer, {}))

    def test_a_call_that_aws_could_not_answer_is_a_failure_and_no_answer(self):
        question = next(each for each in QUESTIONS if each.rule == "on-without-factor")
        for effect in ("HangUp", {"Error": {"code": "TooManyRequestsException", "message": "Rate exceeded"}}):
            target = emulated()
            emulator().admin("POST", "faults", {"operation": "SetUserPoolMfaConfig", "effect": effect, "times": 9})
            [answer] = asked([question], target)
            self.assertEqual((answer.came, answer.failed), (None, True))
            self.assertIn("SetUserPoolMfaConfig had no answer: ", answer.not_asked)

    def test_a_denied_call_is_no_answer(self):
        target = emulated()
        emulator().fail(None, "SetUserPoolMfaConfig", "AccessDeniedException", "no right")
        question = next(each for each in QUESTIONS if each.rule == "on-without-factor")
        [answer] = asked([question], target)
        self.assertEqual((answer.came, answer.failed, answer.not_asked),
                         (None, False, "SetUserPoolMfaConfig was denied: no right"))


class OfTheTable(unittest.TestCase):
    def test_no_rule_comes_twice(self):
        rules = [question.rule for question in QUESTIONS]
        self.assertEqual(sorted(set(rules)), sorted(rules))

    def test_the_calls_that_prepare_a_question_are_valid_by_the_service_model(self):
        model = botocore.session.get_session().get_service_model("cognito-idp")
        for question in QUESTIONS:
            for operation, request in question.steps[:-1]:
                with self.subTest(question.rule, operation=operation):
                    whole = {"PoolName": "any", "UserPoolId": "us-east-1_Any000001", **fill(request, emulated().placeholders)}
                    shape = model.operation_model(operation).input_shape
                    given = {name: value for name, value in whole.items() if name in shape.members or name in request}
                    self.assertEqual(ParamValidator().validate(given, shape).generate_report(), "")


class WithoutOptions(unittest.TestCase):
    def setUp(self):
        self.target = emulated()
        self.target.placeholders = placeholders(Options(), "us-east-1", "aws", "123456789012")

    def test_without_a_role_no_call_names_one_that_cognito_could_use(self):
        answers = asked(QUESTIONS, self.target)
        skipped = {answer.question.rule for answer in answers if answer.came is None}
        for question in QUESTIONS:
            if needs(question) & {"<sms-role>", "<mute-role>", "<sms-phone>"}:
                self.assertIn(question.rule, skipped)
        requests = str([call["request"] for call in emulator().admin("GET", "calls")])
        self.assertNotIn("role/sms", requests)
        self.assertNotIn("role/mute", requests)

    def test_what_is_missing_is_named(self):
        question = next(each for each in QUESTIONS if each.rule == "user-sms")
        with Pools(self.target) as pools:
            self.assertEqual(ask(question, self.target, pools).not_asked, "it needs --sms-phone and --sms-role")

    def test_without_a_role_the_suite_says_that_no_sms_is_sent(self):
        self.target.kind, self.target.pace = "AWS", unittest.mock.Mock(interval=0.25)
        self.assertIn("No SMS is sent", report.before(self.target, QUESTIONS, True))


class OfMoto(unittest.TestCase):
    """The emulator has no users. moto has, and does not behave as AWS does: what counts is that it can be asked."""

    def test_the_questions_about_users_can_be_asked(self):
        import os
        from programs import answers as answering
        moto = os.path.join(os.environ["MOTO"], "moto_server")
        _, [port] = programs().start("moto", 1, lambda port: [moto, "-H", "127.0.0.1", "-p", port],
                                     lambda port: answering(port, "/moto-api/"))
        keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any", "endpoint_url": f"http://127.0.0.1:{port}"}
        cognito = client("us-east-1", config={"proxies": {}}, **keys)
        target = Target("moto", "us-east-1", cognito, emulated().placeholders)
        for answer in asked(USERS, target):
            with self.subTest(answer.question.rule):
                self.assertIsNotNone(answer.came, answer.not_asked)
                self.assertEqual(answer.came.code, "OK")


if __name__ == "__main__":
    unittest.main()
