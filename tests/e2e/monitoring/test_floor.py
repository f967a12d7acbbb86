"""The floor of admission on the real API server: what it refuses, in which words, and what it must let through."""

import unittest
import uuid

import kit
from commands import wait_until

TENANT = "dev@example.com"
SMS = {"smsMfaConfiguration": {"smsConfiguration": {"snsCallerArn": "arn:aws:iam::123456789012:role/sms",
                                                    "externalId": "any"}}}
TOTP = {"softwareTokenMfaConfiguration": {"enabled": True}}
NO_TOTP = {"softwareTokenMfaConfiguration": {"enabled": False}}
EMAIL = {"emailMfaConfiguration": {}}
PASSKEY = {"webAuthnConfiguration": {"relyingPartyId": "auth.example.com"}}
ON, OPTIONAL, OFF = ({"mfaConfiguration": mode} for mode in ("ON", "OPTIONAL", "OFF"))
STRICT = {"lowestMode": "ON", "allowedFactors": ["TOTP", "PASSKEY"], "noObserve": True, "noSuspend": True,
          "noOverwrite": True, "noDisableOnDelete": True, "contact": "the platform team"}

# floor, spec, words of the refusal or None
TABLE = [
    (STRICT, ON | TOTP, None),
    (STRICT, ON | TOTP | PASSKEY, None),
    (STRICT, OPTIONAL | TOTP, 'the lowest mode is ON: write mfaConfiguration: "ON"'),
    (STRICT, OFF | TOTP, 'the lowest mode is ON: write mfaConfiguration: "ON"'),
    (STRICT, ON | TOTP | SMS, "SMS is not allowed: remove smsMfaConfiguration (allowed: TOTP, PASSKEY)"),
    (STRICT, ON | TOTP | EMAIL, "EMAIL is not allowed: remove emailMfaConfiguration (allowed: TOTP, PASSKEY)"),
    (STRICT, ON | TOTP | {"managementPolicy": "Observe"}, "write managementPolicy: Enforce"),
    (STRICT, ON | TOTP | {"suspend": True}, "write suspend: false"),
    (STRICT, ON | TOTP | {"adoptionPolicy": "Overwrite"}, "write adoptionPolicy: Hold"),
    (STRICT, ON | TOTP | {"deletionPolicy": "Disable"}, "write deletionPolicy: Retain"),
    (STRICT, OFF | TOTP | PASSKEY | {"suspend": True},
     'the lowest mode is ON: write mfaConfiguration: "ON"; a suspended object enforces nothing: write suspend: false, or '
     "leave it out. That is the floor of this namespace; where it cannot be kept, ask the platform team."),
    ({"lowestMode": "ON", "contact": 'the "people" of O\'Hara \\ Sons'}, OFF,
     'where it cannot be kept, ask the "people" of O\'Hara \\ Sons.'),
    ({"lowestMode": "OPTIONAL"}, OPTIONAL | SMS, None),
    ({"lowestMode": "OPTIONAL"}, ON | EMAIL, None),
    ({"lowestMode": "OPTIONAL"}, OFF, 'write mfaConfiguration: "OPTIONAL" or "ON"'),
    ({"noSms": True}, OPTIONAL | SMS | TOTP,
     "SMS is not allowed: remove smsMfaConfiguration (allowed: TOTP, EMAIL, PASSKEY)"),
    ({"noSms": True}, OFF | SMS, None),  # it rests
    ({"noSms": True}, OFF, None),
    ({"allowedFactors": ["EMAIL"]}, ON | EMAIL | NO_TOTP, None),  # off is no factor
    ({"allowedFactors": ["EMAIL"]}, ON | EMAIL | TOTP, "TOTP is not allowed: remove softwareTokenMfaConfiguration"),
    ({"allowedFactors": ["EMAIL"]}, OFF | TOTP, None),
    ({"allowedFactors": ["EMAIL"]}, OFF | PASSKEY, "PASSKEY is not allowed: remove webAuthnConfiguration"),  # never rests
]
BELOW = OFF | TOTP


class Floor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        kit.install_crd()
        cls.floors = {}

    def floor(self, **settings):
        """A namespace with that floor, once it is in force."""
        key = repr(settings)
        if key not in self.floors:
            namespace = a_namespace_for_tenants()
            install(namespaces=[namespace], **settings)
            self.floors[key] = namespace
        return self.floors[key]

    def create(self, namespace, spec, *options, user=TENANT):
        who = ["--as", user] if user else []
        return kit.kubectl("create", "--dry-run=server", *who, *options, "--filename", "-",
                           given=kit.config(namespace, "any", spec), check=False)

    def test_the_table(self):
        for floor, spec, words in TABLE:
            with self.subTest(floor=floor, spec=spec):
                done = self.create(self.in_force(floor), spec)
                self.assertEqual(done.returncode == 0, words is None, done.stderr)
                self.assertIn(words or "", done.stderr)

    def in_force(self, settings):
        namespace = self.floor(**settings)
        below = next(spec for floor, spec, words in TABLE if floor == settings and words)
        wait_until(lambda: self.create(namespace, below).returncode != 0, "the floor is in force")
        return namespace

    def test_other_namespaces_are_free(self):
        self.in_force(STRICT)
        done = self.create(a_namespace_for_tenants(), BELOW)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_namespaces_may_be_chosen_by_label_beside_those_by_name(self):
        label = {"floor": uuid.uuid4().hex}
        named, labelled = a_namespace_for_tenants(), a_namespace_for_tenants(label)
        install(namespaces=[named], namespaceSelector={"matchLabels": label}, lowestMode="ON")
        for namespace in (named, labelled):
            wait_until(lambda: self.create(namespace, BELOW).returncode != 0, f"{namespace} has the floor")

    def test_who_is_exempt_may_go_below_it_in_an_emergency(self):
        namespace = a_namespace_for_tenants(users=[TENANT, "rescue"])
        install(namespaces=[namespace], lowestMode="ON", exemptUsers=["rescue"])
        wait_until(lambda: self.create(namespace, BELOW).returncode != 0, "the floor is in force")
        for user in ("rescue", None):  # without --as it is a member of system:masters
            self.assertEqual(self.create(namespace, BELOW, user=user).returncode, 0)

    def test_without_exemptions_nobody_is(self):
        namespace = a_namespace_for_tenants()
        install(namespaces=[namespace], lowestMode="ON", exemptGroups=[])
        wait_until(lambda: self.create(namespace, BELOW, user=None).returncode != 0, "the administrator is refused")

    def test_it_is_lifted_at_once_without_its_binding(self):
        namespace = a_namespace_for_tenants()
        name = install(namespaces=[namespace], lowestMode="ON")
        wait_until(lambda: self.create(namespace, BELOW).returncode != 0, "the floor is in force")
        kit.kubectl("delete", "validatingadmissionpolicybinding", f"{name}.named")
        wait_until(lambda: accepted(self.create(namespace, BELOW)), "it is lifted")

    def test_it_only_warns_when_asked(self):
        namespace = a_namespace_for_tenants()
        install(namespaces=[namespace], lowestMode="ON", actions=["Warn"])
        done = wait_until(lambda: warned(self.create(namespace, BELOW)), "it warns")
        self.assertIn("the lowest mode is ON", done.stderr)


class Objects(unittest.TestCase):
    """What may be done to an object that is from before the floor."""

    @classmethod
    def setUpClass(cls):
        kit.install_crd()
        cls.namespace = a_namespace_for_tenants()
        for name in ("annotated", "finalized", "reported", "deleted", "raised", "going"):
            kit.apply(kit.config(cls.namespace, name, BELOW | {"deletionPolicy": "Disable"}))
        kit.apply(kit.config(cls.namespace, "retained", BELOW))
        install(namespaces=[cls.namespace], exemptGroups=[], **STRICT)
        other = '{"spec": {"driftCheckInterval": "20m"}}'
        wait_until(lambda: cls.patched("raised", other, "--dry-run=server").returncode != 0, "the floor is in force")

    @classmethod
    def patched(cls, name, patch, *options):
        return kit.kubectl("patch", "upmfa", name, "--namespace", cls.namespace, "--type=merge", "--patch", patch, *options,
                           check=False)

    def test_labels_and_annotations_may_change(self):
        done = self.patched("annotated", '{"metadata": {"annotations": {"a": "b"}, "labels": {"a": "b"}}}')
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_operator_may_put_its_finalizer_on_and_take_it_off(self):
        for finalizers in ('["cognito.mfaoperator.dev/disable-mfa"]', "[]"):
            done = self.patched("finalized", f'{{"metadata": {{"finalizers": {finalizers}}}}}')
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_its_status_may_be_written(self):
        done = self.patched("reported", '{"status": {"observedGeneration": 1}}', "--subresource=status")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_it_may_be_deleted(self):
        kit.kubectl("delete", "upmfa", "deleted", "--namespace", self.namespace, "--timeout=60s")

    def test_its_spec_may_change_while_it_is_being_deleted(self):
        self.patched("going", '{"metadata": {"finalizers": ["example.com/held"]}}')
        kit.kubectl("delete", "upmfa", "going", "--namespace", self.namespace, "--wait=false")
        done = self.patched("going", '{"spec": {"deletionPolicy": "Retain"}}')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.patched("going", '{"metadata": {"finalizers": []}}')

    def test_its_deletion_must_not_begin_to_turn_mfa_off_under_way(self):
        self.patched("retained", '{"metadata": {"finalizers": ["example.com/held"]}}')
        kit.kubectl("delete", "upmfa", "retained", "--namespace", self.namespace, "--wait=false")
        done = self.patched("retained", '{"spec": {"deletionPolicy": "Disable"}}')
        self.assertIn("write deletionPolicy: Retain", done.stderr)
        done = self.patched("retained", '{"spec": {"driftCheckInterval": "20m"}}')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.patched("retained", '{"metadata": {"finalizers": []}}')

    def test_a_change_of_its_spec_must_reach_the_floor(self):
        done = self.patched("raised", '{"spec": {"mfaConfiguration": "OPTIONAL"}}')
        self.assertNotEqual(done.returncode, 0)
        done = self.patched("raised", '{"spec": {"mfaConfiguration": "ON", "deletionPolicy": "Retain"}}')
        self.assertEqual(done.returncode, 0, done.stderr)


class Values(unittest.TestCase):
    def refused(self, **settings):
        done = kit.render({"admission": {"floor": {"enabled": True, **settings}}}, check=False)
        self.assertNotEqual(done.returncode, 0)
        return done.stderr

    def test_a_floor_for_nobody_or_of_nothing_is_refused_with_what_to_write(self):
        self.assertIn('namespaces: ["*"]', self.refused(lowestMode="ON"))
        self.assertIn("write lowestMode", self.refused(namespaces=["a"]))
        self.assertIn("no factor of the mode", self.refused(namespaces=["a"], lowestMode="ON", allowedFactors=["PASSKEY"]))
        self.assertIn("no factor of the mode", self.refused(namespaces=["a"], lowestMode="ON", allowedFactors=["SMS"], noSms=True))

    def test_wrong_values_are_refused_by_name(self):
        for settings, word in (({"lowestMode": True}, "lowestMode"), ({"lowestMode": "OFF"}, "lowestMode"),
                               ({"allowedFactors": ["FAX"]}, "allowedFactors"), ({"action": ["Deny"]}, "action"),
                               ({"actions": ["Deny", "Warn"]}, "actions"), ({"namespaces": ["A_B"]}, "namespaces")):
            self.assertIn(word, self.refused(**{"namespaces": ["a"], **settings}))

    def test_without_it_nothing_is_rendered(self):
        self.assertNotIn("ValidatingAdmissionPolicy", kit.render({}).stdout)

    def test_all_namespaces_are_one_binding(self):
        values = {"admission": {"floor": {"enabled": True, "namespaces": ["*"], "lowestMode": "OPTIONAL"}}}
        [binding] = kit.objects(values, "ValidatingAdmissionPolicyBinding")
        self.assertEqual(binding["spec"]["matchResources"]["namespaceSelector"], {})


def a_namespace_for_tenants(labels=None, users=(TENANT,)):
    """Whose tenants may write the objects, and are no administrators."""
    name = kit.new_namespace(labels)
    api = "rbac.authorization.k8s.io"
    metadata = {"namespace": name, "name": "tenant"}
    rules = [{"apiGroups": ["cognito.mfaoperator.dev"], "resources": ["userpoolmfaconfigs"], "verbs": ["*"]}]
    subjects = [{"kind": "User", "name": user, "apiGroup": api} for user in users]
    role = {"kind": "Role", "name": "tenant", "apiGroup": api}
    kit.apply({"apiVersion": f"{api}/v1", "kind": "Role", "metadata": metadata, "rules": rules},
              {"apiVersion": f"{api}/v1", "kind": "RoleBinding", "metadata": metadata, "roleRef": role,
               "subjects": subjects})
    return name


def install(**settings):
    """Installs a floor of its own, and names its policy."""
    values = {"fullnameOverride": f"f-{uuid.uuid4().hex[:8]}", "admission": {"floor": {"enabled": True, **settings}}}
    policies = kit.objects(values, "ValidatingAdmissionPolicy")
    kit.apply(*policies, *kit.objects(values, "ValidatingAdmissionPolicyBinding"))
    return policies[0]["metadata"]["name"]


def warned(done):
    return done if accepted(done) and "Warning: " in done.stderr else None


def accepted(done):
    return done if done.returncode == 0 else None
