"""What an object in one sync wave means for the waves after it: docs/argocd.md describes each."""

from applications import ApplicationTest, config, is_at, operation, resource_health
from commands import wait_until
from emulator import SET

LATER = {"apiVersion": "v1", "kind": "ConfigMap", "data": {},
         "metadata": {"name": "later", "annotations": {"argocd.argoproj.io/sync-wave": "1"}}}


class TheNextWave(ApplicationTest):
    def later(self):
        return self.kube.get("configmaps", "later", self.name)

    def test_waits_until_cognito_has_what_the_object_says(self):
        pool = self.pool()
        self.emulator.fail(pool, SET, "InternalErrorException", "try later")
        revision = self.repository.write(customers=config("customers", pool), later=LATER)
        self.application()
        with self.history() as history:
            history.wait(waits_for("customers"), "the sync waits")
            wait_until(lambda: self.emulator.calls(pool), "a Set was tried")
            self.assertIsNone(self.later())
            self.emulator.clear_faults()
            history.wait(is_at(revision, "Healthy"), "the sync went on")
        self.assertTrue(self.later())

    def test_waits_for_ever_after_a_suspended_object_until_the_sync_is_stopped(self):
        pool = self.pool()
        suspended = self.repository.write(customers=config("customers", pool, suspend=True), later=LATER)
        self.application()
        with self.history() as history:
            history.wait(lambda state: waits_for("customers")(state) and
                         resource_health(state, "customers")[0] == "Suspended", "the sync waits for the object")
            resumed = self.repository.write(customers=config("customers", pool))
            # The commit that resumes it is known, and waits behind the sync of the one before.
            state = self.wait_for_refresh()
            self.assertEqual(state["status"]["sync"]["revision"], resumed)
            self.assertEqual(operation(state)["operation"]["sync"]["revision"], suspended)
            self.assertIsNone(self.later())
            self.rig.argocd.command("app", "terminate-op", self.name)
            self.refresh()
            history.wait(is_at(resumed, "Healthy"), "the sync went on")
        self.assertTrue(self.later())

    def test_does_not_come_after_a_degraded_object(self):
        pool = self.pool(tier="LITE")
        self.repository.write(customers=config("customers", pool, emailMfaConfiguration={}), later=LATER)
        self.application()
        with self.history() as history:
            state = history.wait(lambda state: operation(state).get("phase") == "Failed", "the sync has failed")
        [shown] = [each for each in operation(state)["syncResult"]["resources"] if each["name"] == "customers"]
        self.assertIn("FeatureUnavailableInTier", shown["message"])
        self.assertIsNone(self.later())

    def test_is_not_needed_when_the_suspended_object_is_in_the_last_one(self):
        pool = self.pool()
        suspended = config("customers", pool, suspend=True, annotations={"argocd.argoproj.io/sync-wave": "2"})
        revision = self.repository.write(customers=suspended, later=LATER)
        self.application()
        with self.history() as history:
            state = history.wait(lambda state: operation(state).get("phase") == "Succeeded", "the sync is over")
            history.wait(is_at(revision, "Suspended"), "Suspended")
        self.assertEqual(operation(state)["syncResult"]["revision"], revision)


def waits_for(name):
    """Whether the sync of a state waits for the health of that object."""
    return lambda state: operation(state).get("phase") == "Running" and name in operation(state).get("message", "")
