"""The pools of a run go, whatever happens to it; those of others stay."""

import datetime
import signal
import subprocess
import unittest

import fixtures
from commands import wait_until
from fixtures import as_aws, emulated, emulator, environment, pool_names, suite
from pools import PREFIX, TAG, Pools
from target import CALLS_PER_SECOND, Pace

DELETE, CREATE = "DeleteUserPool", "CreateUserPool"


def fault(operation, effect, **more):
    emulator().admin("POST", "faults", {"operation": operation, "effect": effect, **more})


def run_suite(variables, *arguments):
    return subprocess.run(suite(*arguments), env=variables, capture_output=True, text=True, check=False)


def error(code):
    return {"Error": {"code": code, "message": "try later"}}


class OfARun(unittest.TestCase):
    def setUp(self):
        self.target = emulated()

    def test_they_go_when_the_block_ends_with_an_error(self):
        with self.assertRaises(ZeroDivisionError), Pools(self.target) as pools:
            pools.create({})
            pools.create({})
            self.assertEqual(pool_names(), [pools.name, pools.name])
            1 / 0
        self.assertEqual((pool_names(), pools.left), ([], []))

    def test_a_deletion_that_fails_is_tried_again(self):
        with Pools(self.target) as pools:
            pools.create({})
            fault(DELETE, error("TooManyRequestsException"), times=2)
        self.assertEqual((pool_names(), pools.left), ([], []))

    def test_a_pool_that_cannot_be_deleted_is_named(self):
        with Pools(self.target) as pools:
            created = pools.create({})["UserPool"]["Id"]
            fault(DELETE, error("InternalErrorException"), times=100)
        self.assertIn(created, [pool for pool, _ in pools.left])

    def test_a_pool_whose_creation_had_no_answer_goes_too(self):
        with Pools(self.target) as pools:
            fault(CREATE, "HangUp", when="After")
            with self.assertRaises(Exception):
                pools.create({})
            self.assertEqual(pool_names(), [pools.name])
        self.assertEqual(pool_names(), [])

    def test_what_an_earlier_run_left_goes_and_a_younger_one_stays(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        names = [Pools(self.target, now=lambda: now - datetime.timedelta(minutes=age)).name for age in (61, 1)]
        for name in names:
            self.target.call(CREATE, {"PoolName": name, "UserPoolTags": TAG})
        with Pools(self.target) as pools:
            self.assertEqual(pools.delete_abandoned(), [names[1]])
            self.assertEqual(pool_names(), [names[1]])
            self.assertEqual(pools.delete_abandoned(all_of_them=True), [])
        self.assertEqual(pool_names(), [])

    def test_only_pools_with_both_marks_are_deleted(self):
        old = f"{PREFIX}20200101T000000Z-00"
        strangers = [{"PoolName": old}, {"PoolName": "customers", "UserPoolTags": TAG},
                     {"PoolName": f"{PREFIX}mine", "UserPoolTags": TAG},
                     {"PoolName": old, "UserPoolTags": {"cognito-mfa-acceptance": "keep"}}]
        for request in strangers:
            self.target.call(CREATE, request)
        with Pools(self.target) as pools:
            pools.delete_abandoned(all_of_them=True)
        self.assertEqual(len(pool_names()), len(strangers))

    def test_all_pages_of_the_list_are_looked_through(self):
        for _ in range(61):
            self.target.call(CREATE, {"PoolName": "customers"})
        self.target.call(CREATE, {"PoolName": f"{PREFIX}20200101T000000Z-00", "UserPoolTags": TAG})
        with Pools(self.target) as pools:
            pools.delete_abandoned()
        self.assertEqual(set(pool_names()), {"customers"})

    def test_a_look_that_is_denied_takes_a_pool_for_a_strangers(self):
        self.target.call(CREATE, {"PoolName": f"{PREFIX}20200101T000000Z-00"})
        fault("DescribeUserPool", error("AccessDeniedException"), times=2)
        with Pools(self.target) as pools:
            pools.delete_abandoned()
        self.assertEqual(len(pool_names()), 1)


def wrote():
    return any(call["operation"] == "SetUserPoolMfaConfig" for call in emulator().admin("GET", "calls"))


def take_signals():
    """These tests may have been started with SIGINT ignored, as a shell script starts what it puts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def ignore_hangup():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


class OfAProcess(unittest.TestCase):
    def test_nohup_keeps_a_run_alive(self):
        emulated()
        process = subprocess.Popen(suite("--rule", "untouched-pool"), env=as_aws(emulator().url), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, preexec_fn=ignore_hangup)
        with process:
            process.stdout.readline()
            process.send_signal(signal.SIGHUP)
            _, words = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0, words)

    def test_they_go_when_the_run_is_ended_by_a_signal(self):
        for sent in (signal.SIGTERM, signal.SIGINT):
            emulated()
            fault("SetUserPoolMfaConfig", "Delay", delayMs=3_000, times=100)
            process = subprocess.Popen(suite(), env=as_aws(emulator().url), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                       preexec_fn=take_signals)
            with self.subTest(sent), process:
                wait_until(lambda: process.poll() is not None or wrote(), "a write")
                process.send_signal(sent)
                _, words = process.communicate(timeout=60)
                self.assertEqual(process.returncode, 2, words)
                self.assertIn(b"The suite stopped: ended by signal", words)
                self.assertEqual(pool_names(), [])

    def test_a_pool_that_stays_makes_the_run_fail_and_is_named(self):
        emulated()
        fault(DELETE, error("InternalErrorException"), times=1_000)
        ended = run_suite(as_aws(emulator().url), "--rule", "untouched-pool")
        self.assertEqual(ended.returncode, 3, ended.stderr)
        self.assertIn("NOT DELETED: us-east-1_", ended.stderr)
        emulator().clear_faults()

    def test_asking_aws_without_a_region_is_refused(self):
        ended = run_suite(environment(ACCEPTANCE="1", PYTHONPATH=":".join(fixtures.sys.path)))
        self.assertEqual((ended.returncode, ended.stdout), (2, ""))
        self.assertIn("ACCEPTANCE=1 needs a Region", ended.stderr)

    def test_credentials_alone_do_not_ask_aws(self):
        variables = {**as_aws("http://127.0.0.1:9"), "ACCEPTANCE": ""}
        ended = run_suite(variables, "--rule", "untouched-pool")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertIn("They are not used: ACCEPTANCE=1 asks AWS.", ended.stdout)
        self.assertIn("Asking emulator in us-east-1", ended.stdout)

    def test_a_run_that_could_ask_nothing_fails(self):
        emulated()
        fault(CREATE, error("AccessDeniedException"), times=1_000)
        ended = run_suite(as_aws(emulator().url), "--rule", "untouched-pool")
        self.assertEqual(ended.returncode, 2, ended.stdout)
        self.assertIn("not asked: CreateUserPool was denied: try later", ended.stdout)
        self.assertIn("Nothing was asked", ended.stderr)

    def test_a_difference_makes_the_run_fail(self):
        emulated()
        emulator().admin("PATCH", "switches", {"smsRemoval": "ShownOn", "singleFactor": "Shown"})
        ended = run_suite(as_aws(emulator().url), "--rule", "passkeys-never-set")
        self.assertEqual(ended.returncode, 1, ended.stderr)
        self.assertIn("DIFFERS   passkeys-never-set [measured]", ended.stdout)

    def test_a_plan_makes_no_call(self):
        emulated()
        ended = run_suite(as_aws(emulator().url), "--plan")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertIn("on-without-factor [measured]", ended.stdout)
        self.assertEqual([call["operation"] for call in emulator().admin("GET", "calls")], ["GetCallerIdentity"])


class OfThePace(unittest.TestCase):
    def test_no_second_has_more_calls_than_the_pace_allows(self):
        now, times = [0.0], []
        pace = Pace(CALLS_PER_SECOND, clock=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds))
        for number in range(60):
            pace.wait()
            times.append(now[0])
            now[0] += 2.0 if number == 30 else 0.01  # A slow call lets none be made up for.
        for begin in times:
            self.assertLessEqual(sum(begin <= each < begin + 0.999 for each in times), CALLS_PER_SECOND)

    def test_it_is_well_below_the_quota_of_one_pool(self):
        self.assertLess(CALLS_PER_SECOND, 5)


if __name__ == "__main__":
    unittest.main()
