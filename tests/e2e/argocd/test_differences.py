"""What Argo CD takes for a difference between git and the cluster, and what it must not."""

from applications import SERVER_SIDE_DIFF, ApplicationTest, config, is_at, resource, sequence
from commands import wait_until

REQUESTED = "cognito.mfaoperator.dev/reconcile-requested-at"
CLIENT_SIDE = ["CreateNamespace=true"]
# Sections that are empty, and all that the server fills in: policies, suspend, the whole status.
EMPTY = {
    "email": {"emailMfaConfiguration": {}, "softwareTokenMfaConfiguration": None},
    "passkeys": {"webAuthnConfiguration": {}},
    "resting": {"mfaConfiguration": "OFF", "emailMfaConfiguration": {}},
    "finalizer": {"deletionPolicy": "Disable"},
    "observed": {"managementPolicy": "Observe"},
}


class ADifference(ApplicationTest):
    def test_is_not_seen_in_defaults_and_empty_blocks_applied_by_the_client(self):
        self.assert_never_out_of_sync(CLIENT_SIDE, {})

    def test_is_not_seen_in_defaults_and_empty_blocks_applied_and_compared_by_the_server(self):
        self.assert_never_out_of_sync(None, SERVER_SIDE_DIFF)

    def assert_never_out_of_sync(self, sync_options, annotations):
        """Not from the first sync on: through the operator's work, the action, drift and a hard refresh."""
        live = {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": True}}
        pools = {name: self.pool(letter, live=live if name == "observed" else None)
                 for letter, name in zip("ABCDE", EMPTY)}
        revision = self.repository.write(
            **{name: config(name, pools[name], **spec) for name, spec in EMPTY.items()})
        self.application(sync_options, annotations)
        with self.history() as history:
            state = history.wait(is_at(revision, "Healthy"), "all are Healthy")
            for name in EMPTY:
                self.assertEqual(resource(state, name)["status"], "Synced", name)
            history.forget()
            self.emulator.change(pools["email"], MfaConfiguration="OFF", EmailMfaConfiguration=None)
            for name in EMPTY:
                self.reconcile(name)
            wait_until(lambda: self.emulator.mode(pools["email"]) == "ON", "the drift is set back")
            wait_until(lambda: self.object("email")["status"].get("corrections"), "the status reports it")
            last = self.wait_for_refresh()["metadata"]["resourceVersion"]
            history.wait(lambda state: state["metadata"]["resourceVersion"] == last, "all is reported")
            shown = sequence(state["status"]["sync"]["status"] for state in history.states)
        self.assertEqual(shown, ["Synced"])

    def test_that_a_hand_edit_makes_is_undone_by_self_heal(self):
        pool = self.pool()
        revision = self.repository.write(customers=config("customers", pool))
        self.application()
        with self.history() as history:
            history.wait(is_at(revision, "Healthy"), "Healthy")
        with self.kube.history("userpoolmfaconfigs", "customers", self.name) as history:
            self.kube.patch("userpoolmfaconfigs", "customers", {"spec": {"mfaConfiguration": "OPTIONAL"}}, self.name)
            edited = history.wait(lambda state: state["spec"]["mfaConfiguration"] == "OPTIONAL", "the edit is taken")
            generation = edited["metadata"]["generation"]
            # The Application may be Synced again before it has reported that it was not.
            history.wait(lambda state: state["metadata"]["generation"] > generation and
                         state["spec"]["mfaConfiguration"] == "ON", "the edit is undone")
        wait_until(lambda: is_at(revision, "Healthy")(self.get()) and self.emulator.mode(pool) == "ON",
                   "all is as before")


class TheActionReconcile(ApplicationTest):
    def test_has_the_pool_checked_and_drift_set_back(self):
        pool = self.pool()
        revision = self.repository.write(customers=config("customers", pool))
        self.application()
        with self.history() as history:
            history.wait(is_at(revision, "Healthy"), "Healthy")
        self.emulator.change(pool, MfaConfiguration="OFF", SoftwareTokenMfaConfiguration=None)
        self.reconcile("customers")
        wait_until(lambda: self.emulator.mode(pool) == "ON", "the drift is set back")
        asked = self.object("customers")["metadata"]["annotations"][REQUESTED]
        wait_until(lambda: self.object("customers")["status"].get("lastHandledReconcileAt") == asked,
                   "the status says that it was handled")

    def test_is_disabled_for_a_suspended_object(self):
        revision = self.repository.write(customers=config("customers", self.pool(), suspend=True))
        self.application()
        with self.history() as history:
            history.wait(is_at(revision, "Suspended"), "Suspended")
        listed = self.rig.argocd.command("app", "actions", "list", self.name, "--kind", "UserPoolMfaConfig",
                                         "--resource-name", "customers")
        self.assertRegex(listed, r"reconcile +true")
