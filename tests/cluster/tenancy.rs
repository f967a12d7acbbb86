//! Tenants with accounts of their own. Nothing that one tenant writes reaches another's pool; the emulator's log shows
//! whose credentials signed each call.

use std::collections::BTreeSet;

use cognito_mfa_core::api::v1alpha1::ConditionType;
use serde_json::{Value, json};
use test_support::cluster::namespace::{TestNamespace, totp, with};

use crate::accounts::{MountedFile, entry, file, role};

/// Two tenants, each with a pool and an account of its own. The operator is in the first rig.
struct Tenants {
    here: TestNamespace,
    there: TestNamespace,
    pools: [String; 2],
    mounted: MountedFile,
}

impl Tenants {
    async fn running() -> Self {
        let mut here = TestNamespace::without_operator().await;
        let there = here.second_namespace().await;
        let pools = [here.pool(), here.pool()];
        let mounted =
            MountedFile::with(&file(&[entry(&here, 1, &[&pools[0]]), entry(&there, 2, &[&pools[1]])]));
        for account in [1, 2] {
            here.aws.state().iam.require_external_id(&role(account), &format!("id-{account}"));
        }
        mounted.start(&mut here, &[&there], &[]).await;
        Self { here, there, pools, mounted }
    }

    /// The identities that signed the calls about a pool.
    fn signers(&self, pool: &str) -> BTreeSet<String> {
        let calls = self.here.aws.calls().into_iter().filter(|call| call.pool.as_deref() == Some(pool));
        let state = self.here.aws.state();
        calls.map(|call| state.iam.arn(&call.access_key_id.expect("every call is signed"))).collect()
    }

    /// The ARN of a tenant's session in its account.
    fn session_arn(rig: &TestNamespace, account: u8) -> String {
        let namespace = &rig.namespace;
        format!("arn:aws:sts::{account:012}:assumed-role/mfa/cognito-mfa-operator@{namespace}")
    }
}

fn sms(configuration: Value) -> Value {
    json!({"smsMfaConfiguration": {"smsConfiguration": configuration}})
}

/// The spec with these fields, which replace its own.
fn with_fields(mut spec: Value, fields: &Value) -> Value {
    for (name, value) in fields.as_object().unwrap() {
        spec = with(spec, name, value.clone());
    }
    spec
}

#[tokio::test]
async fn each_call_is_signed_by_the_role_of_its_namespace_alone() {
    let tenants = Tenants::running().await;
    let (here, there, pools) = (&tenants.here, &tenants.there, &tenants.pools);
    here.apply("own", totp(&pools[0])).await;
    there.apply("own", totp(&pools[1])).await;
    here.until_reason("own", "InSync").await;
    there.until_reason("own", "InSync").await;
    assert_eq!(tenants.signers(&pools[0]), [Tenants::session_arn(here, 1)].into());
    assert_eq!(tenants.signers(&pools[1]), [Tenants::session_arn(there, 2)].into());
    let own_operations: BTreeSet<_> = here
        .aws
        .calls()
        .into_iter()
        .filter(|call| call.access_key_id.as_deref() == Some("operator"))
        .map(|call| call.operation)
        .collect();
    assert_eq!(
        own_operations,
        ["AssumeRole".to_owned()].into(),
        "the operator's own identity only assumes roles"
    );
}

#[tokio::test]
async fn no_field_of_an_object_reaches_another_tenants_pool() {
    let tenants = Tenants::running().await;
    let (here, there, [victim, own]) = (&tenants.here, &tenants.there, &tenants.pools);
    let role = role(1);
    let field_sets = [
        json!({}),
        json!({"mfaConfiguration": "OFF"}),
        json!({"managementPolicy": "Observe"}),
        json!({"adoptionPolicy": "Overwrite"}),
        json!({"deletionPolicy": "Disable"}),
        json!({"driftCheckInterval": "1m"}),
        json!({"suspend": true}),
        sms(json!({"snsCallerArn": role, "externalId": "id-1"})),
        json!({"webAuthnConfiguration": {"relyingPartyId": "evil.example.com"}}),
    ];
    for (number, fields) in field_sets.iter().enumerate() {
        let name = format!("intruder-{number}");
        there.apply(&name, with_fields(totp(victim), fields)).await;
        let annotations = json!({"namespace": here.namespace, "cognito.mfaoperator.dev/role-arn": role,
            "cognito.mfaoperator.dev/namespace": here.namespace});
        there
            .patch(
                &name,
                json!({"metadata": {"annotations": annotations, "labels": {"namespace": here.namespace}}}),
            )
            .await;
        there.until_reason(&name, "PoolNotAllowed").await;
        there.check(&name).await;
    }
    // The intruders are older than this object, and still do not own its pool.
    here.apply("tenant", totp(victim)).await;
    here.until_reason("tenant", "InSync").await;
    for number in 0..field_sets.len() {
        there.delete(&format!("intruder-{number}")).await;
    }
    there.apply("own", totp(own)).await;
    there.until_reason("own", "InSync").await;
    assert_eq!(tenants.signers(victim), [Tenants::session_arn(here, 1)].into());
    assert_eq!(here.call_counts(victim), (1, 1));
}

#[tokio::test]
async fn an_sms_role_that_is_not_allowed_is_never_sent_and_is_ignored_under_off() {
    let tenants = Tenants::running().await;
    let (there, own) = (&tenants.there, &tenants.pools[1]);
    let (role, role_of_there) = (role(1), role(2));
    let sns = sms(json!({"snsCallerArn": role, "externalId": "id-1"}));
    let eums = sms(json!({"eumsSms": {"callerArn": role, "externalId": "id-1"}}));
    for fields in [&sns, &eums] {
        there.apply("sms", with_fields(totp(own), fields)).await;
        let status = there.until_reason("sms", "CallerRoleNotAllowed").await.status.unwrap();
        assert!(status.condition(ConditionType::Stalled).unwrap().message.contains(&role), "{status:?}");
        there.check("sms").await;
    }
    assert_eq!(there.call_counts(own), (0, 0));
    there.apply("sms", with(with_fields(totp(own), &sns), "mfaConfiguration", json!("OFF"))).await;
    there.until_reason("sms", "InSync").await;
    assert!(
        there.aws.calls().iter().all(|call| !call.request.to_string().contains(&role) || call.pool.is_none())
    );

    let allowed =
        entry(there, 2, &[own]).replace("}\n", ", smsCallerRoles: [\"arn:aws:iam::*:role/mfa\"]}\n");
    tenants.mounted.write(&file(&[allowed]));
    // Cognito refuses a role of another account than the pool's.
    there.aws.state().pools.find(own).unwrap().facts.account = format!("{:012}", 2);
    let own_role = sms(json!({"snsCallerArn": role_of_there, "externalId": "id-2"}));
    there.apply("sms", with_fields(totp(own), &own_role)).await;
    there.until_reason("sms", "InSync").await;
}

#[tokio::test]
async fn the_oldest_object_with_access_owns_the_pool_until_it_loses_access() {
    let tenants = Tenants::running().await;
    let (here, there, pool) = (&tenants.here, &tenants.there, &tenants.pools[1]);
    here.apply("older", totp(pool)).await;
    let older = here.until_reason("older", "PoolNotAllowed").await;
    here.until_younger_than(&older).await;
    there.apply("younger", totp(pool)).await;
    there.until_reason("younger", "InSync").await;

    tenants.mounted.write(&file(&[entry(here, 1, &["*"]), entry(there, 2, &["*"])]));
    here.until_reason("older", "InSync").await;
    there.until_reason("younger", "PoolOwnedByAnother").await;

    // An object that lost its access and its pool must adopt the pool again: its old spec must not undo the changes of
    // the owner since then.
    tenants.mounted.write(&file(&[entry(there, 2, &["*"])]));
    there.until_reason("younger", "InSync").await;
    here.until_reason("older", "NamespaceNotMapped").await;
    there.apply("younger", with(totp(pool), "emailMfaConfiguration", json!({}))).await;
    there.until("younger", "written", |status| status.factors.as_deref() == Some("TOTP,EMAIL")).await;
    tenants.mounted.write(&file(&[entry(here, 1, &["*"]), entry(there, 2, &["*"])]));
    here.until_reason("older", "AdoptionHeld").await;
    assert_eq!(tenants.signers(pool), [Tenants::session_arn(here, 1), Tenants::session_arn(there, 2)].into());
}
