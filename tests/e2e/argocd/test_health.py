"""What an Application shows of its objects while git, Cognito and AWS's answers change."""

import contextlib

from applications import (ApplicationTest, config, health_of, is_at, operation, resource_health, sequence,
                          synced)
from commands import ROOT, wait_until
from kube import Refused
from emulator import GET, SET

SAMPLES = {"eu-west-1_AbCdEf123": None, "eu-west-1_GhIjKl456": None,
           "eu-west-1_MnOpQr789": {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": True}},
           "eu-west-1_StUvWx012": None}
A_WHILE_AGO = "2026-01-01T00:00:00Z"


class AnApplication(ApplicationTest):
    def test_of_the_samples_gets_synced_and_healthy(self):
        for pool, live in SAMPLES.items():
            self.emulator.pool(pool, live=live)
        revision = self.repository.copy(ROOT / "deploy/samples", "deploy/samples")
        self.application(path="deploy/samples")
        with self.history() as history:
            state = history.wait(is_at(revision, "Healthy"), "the samples are Healthy")
        for name in ("customers", "workforce", "audited", "partners"):
            self.assertEqual(resource_health(state, name), ("Healthy", "InSync: Cognito equals the spec."))
        self.assertEqual([self.emulator.mode(pool) for pool in SAMPLES], ["ON", "OPTIONAL", "ON", "OPTIONAL"])

    def test_is_progressing_from_the_push_until_cognito_has_the_change_and_never_healthy_early(self):
        pool = self.pool()
        first = self.repository.write(customers=config("customers", pool))
        self.application()
        with self.history() as history:
            history.wait(is_at(first, "Healthy"), "the first commit is Healthy")
            self.emulator.fail(pool, SET, "InternalErrorException", "try later")
            change = config("customers", pool, mfaConfiguration="OPTIONAL")
            second = self.repository.write(customers=change)
            self.refresh()
            self.wait_until_shown("customers", "try later")
            history.wait(lambda state: synced(state) == second and
                         "try later" in resource_health(state, "customers")[1], "AWS's words are in the health")
            self.assertEqual(self.emulator.mode(pool), "ON")
            self.emulator.clear_faults()
            history.wait(is_at(second, "Healthy"), "the second commit is Healthy")
            self.assertEqual(self.emulator.mode(pool), "OPTIONAL")
            shown = sequence(health_of(state) for state in history.states if synced(state) == second)
        self.assertEqual(shown, ["Progressing", "Healthy"])

    def test_is_degraded_with_the_words_of_aws_until_the_cause_is_mended(self):
        pool = self.pool(tier="LITE")
        self.repository.write(customers=config("customers", pool, emailMfaConfiguration={}))
        self.application()
        with self.history() as history:
            state = history.wait(lambda state: health_of(state) == "Degraded", "refused by the tier")
            refusal = self.object("customers")["status"]["lastError"]["message"]
            self.assertTrue(refusal)
            status, message = resource_health(state, "customers")
            self.assertEqual(status, "Degraded")
            self.assertIn("FeatureUnavailableInTier", message)
            self.assertIn(refusal, message)
            self.push(history, "Healthy", customers=config("customers", pool))

    def test_is_progressing_while_a_denial_may_pass_and_degraded_when_it_lasts(self):
        pool, words = self.pool(), "User: arn:aws:iam::123456789012:user/test is not authorized"
        self.emulator.fail(pool, GET, "AccessDeniedException", words)
        self.repository.write(customers=config("customers", pool))
        self.application()
        with self.history() as history:
            self.wait_until_shown("customers", words)
            state = history.wait(lambda state: words in resource_health(state, "customers")[1], "the denial shows")
            self.assertEqual(health_of(state), "Progressing")
            self.make_the_denial_old()
            state = history.wait(lambda state: health_of(state) == "Degraded", "the denial has lasted")
            status, message = resource_health(state, "customers")
            self.assertEqual(status, "Degraded")
            self.assertIn(words, message)
            self.emulator.clear_faults()
            self.reconcile("customers")
            history.wait(is_at(synced(state), "Healthy"), "the denial is over")

    def make_the_denial_old(self):
        """As after five minutes: the operator counts from the time in the condition Reconciling."""
        def aged():
            found = self.object("customers")
            conditions = found["status"]["conditions"]
            if any(condition["type"] == "Stalled" for condition in conditions):
                return True
            for condition in conditions:
                if condition["type"] == "Reconciling":
                    condition["lastTransitionTime"] = A_WHILE_AGO
            # Over what was read, and over nothing that the operator has written since.
            status = {"metadata": {"resourceVersion": found["metadata"]["resourceVersion"]},
                      "status": {"conditions": conditions}}
            with contextlib.suppress(Refused):
                self.kube.patch("userpoolmfaconfigs", "customers", status, self.name, "/status")
            return False
        wait_until(aged, "the operator takes the denial for an old one")

    def test_shows_a_suspended_object_as_suspended_until_it_is_resumed(self):
        pool = self.pool()
        first = self.repository.write(customers=config("customers", pool))
        self.application()
        with self.history() as history:
            history.wait(is_at(first, "Healthy"), "Healthy")
            state = self.push(history, "Suspended", customers=config("customers", pool, suspend=True))
            self.assertEqual(resource_health(state, "customers")[0], "Suspended")
            self.push(history, "Healthy", customers=config("customers", pool))

    def test_has_the_servers_own_words_when_a_spec_is_refused(self):
        pool = self.pool()
        first = self.repository.write(customers=config("customers", pool))
        self.application()
        with self.history() as history:
            history.wait(is_at(first, "Healthy"), "Healthy")
            self.repository.write(customers=config("customers", pool, softwareTokenMfaConfiguration=None))
            self.refresh()
            state = history.wait(lambda state: operation(state).get("phase") == "Failed", "the sync has failed")
            self.assertEqual(state["status"]["sync"]["status"], "OutOfSync")
            [shown] = operation(state)["syncResult"]["resources"]
            self.assertIn("mfaConfiguration ON and OPTIONAL need a factor", shown["message"])
            self.assertEqual(self.emulator.mode(pool), "ON")
