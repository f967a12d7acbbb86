"""What leaves the account: a record without names, and what follows from it."""

import json
import pathlib
import tempfile
import unittest
from unittest import mock

import record
import report
from ask import Answer, scrubbed
from fixtures import emulated
from question import Grade, Outcome
from questions import QUESTIONS

ROLE = "arn:aws:iam::123456789012:role/somebody"
OFF_WITH_SMS = next(question for question in QUESTIONS if question.rule == "off-with-sms")


def of_aws(*answers):
    target = emulated()
    target.kind = "AWS"
    return record.record(target, answers)


class ARecord(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        patched = mock.patch.object(record, "FOLDER", self.folder)
        patched.start()
        self.addCleanup(patched.stop)

    def test_words_lose_what_names_somebody(self):
        values = {"<pool>": "eu-west-1_AbCdEf123", "<ses-from>": "me@mail.example.org", "<ses-domain>": "mail.example.org"}
        words = f"User pool eu-west-1_AbCdEf123 of 123456789012 cannot use {ROLE}, eu-west-1_Another01, me@mail.example.org"
        self.assertEqual(scrubbed(words, values),
                         "User pool <pool> of <account> cannot use <arn>, <pool>, <ses-from>")

    def test_a_record_that_names_somebody_is_not_written(self):
        for secret in ("123456789012", ROLE, "eu-west-1_AbCdEf123"):
            path = self.folder / "record.json"
            with self.subTest(secret), self.assertRaises(AssertionError):
                record.write(path, of_aws(Answer(OFF_WITH_SMS, Outcome("Refused", f"not for {secret}"))))
            self.assertFalse(path.exists())

    def test_a_record_can_be_read_again(self):
        content = of_aws(Answer(OFF_WITH_SMS, Outcome()), Answer(QUESTIONS[0], not_asked="no right"))
        record.write(self.folder / "aws.json", content)
        self.assertEqual(record.committed(), {"aws.json": json.loads(json.dumps(content))})

    def test_a_record_has_the_switches_that_follow(self):
        self.assertEqual(of_aws(Answer(OFF_WITH_SMS, Outcome()))["switches"], {"smsUnderOff": "Accepted"})

    def test_a_record_of_aws_makes_a_measurement_of_each_rule_that_it_asked(self):
        record.write(self.folder / "aws.json", of_aws(Answer(OFF_WITH_SMS, Outcome())))
        measured = record.measured_rules()
        self.assertEqual(record.grade(OFF_WITH_SMS, measured), Grade.MEASURED)
        self.assertEqual(record.grade(QUESTIONS[0], measured), QUESTIONS[0].grade)
        self.assertIn("off-with-sms [measured]", report.line(Answer(OFF_WITH_SMS, Outcome()), measured))

    def test_a_record_of_the_emulator_measures_nothing(self):
        record.write(self.folder / "emulator.json", record.record(emulated(), [Answer(OFF_WITH_SMS, Outcome())]))
        self.assertEqual(record.measured_rules(), {})


if __name__ == "__main__":
    unittest.main()
