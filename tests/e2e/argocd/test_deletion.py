"""What becomes of objects and pools when git, or the Application, lets go of them."""

from applications import ApplicationTest, config, is_at
from commands import wait_until


class Deletion(ApplicationTest):
    def begin(self, **files):
        """Pools with MFA on by these objects, and their Application Healthy."""
        revision = self.repository.write(**files)
        self.application()
        with self.history() as history:
            history.wait(is_at(revision, "Healthy"), "Healthy")

    def three(self):
        """The pools of an object with each policy, and of one that stays."""
        pools = {"retained": self.pool("A"), "disabled": self.pool("B"), "stays": self.pool("C")}
        return pools, {"retained": config("retained", pools["retained"]),
                       "disabled": config("disabled", pools["disabled"], deletionPolicy="Disable"),
                       "stays": config("stays", pools["stays"])}

    def modes(self, pools):
        return {name: self.emulator.mode(pool) for name, pool in pools.items()}

    def test_by_pruning_does_with_each_pool_what_the_policy_says(self):
        pools, files = self.three()
        self.begin(**files)
        self.assertEqual(self.modes(pools), {"retained": "ON", "disabled": "ON", "stays": "ON"})
        with self.history() as history:
            self.push(history, "Healthy", retained=None, disabled=None)
        self.assertIsNone(self.object("retained"))
        self.assertIsNone(self.object("disabled"))
        self.assertEqual(self.modes(pools), {"retained": "ON", "disabled": "OFF", "stays": "ON"})

    def test_of_the_application_does_with_each_pool_what_the_policy_says(self):
        pools, files = self.three()
        self.begin(**files)
        self.delete_application()
        wait_until(lambda: self.get() is None,
                   lambda: f"the Application is gone; left: {[self.object(name) for name in files]}")
        for name in files:
            self.assertIsNone(self.object(name), name)
        self.assertEqual(self.modes(pools), {"retained": "ON", "disabled": "OFF", "stays": "ON"})

    def test_is_progressing_while_the_finalizer_waits_for_aws(self):
        pools, files = self.three()
        self.begin(**files)
        self.emulator.fail(pools["disabled"], "SetUserPoolMfaConfig", "InternalErrorException", "try later")
        with self.history() as history:
            revision = self.repository.write(disabled=None)
            self.refresh()
            history.wait(lambda state: any(
                each["name"] == "disabled" and each.get("health", {}).get("message") == "Pending deletion"
                for each in state["status"].get("resources", [])), "the object is being deleted")
            self.assertEqual(self.emulator.mode(pools["disabled"]), "ON")
            self.emulator.clear_faults()
            history.wait(is_at(revision, "Healthy"), "the object is gone")
        self.assertEqual(self.emulator.mode(pools["disabled"]), "OFF")
