//! Tenants with accounts of their own: nothing that one may write reaches another's pool, and the emulator's log tells
//! whose credentials signed each call.

use std::collections::BTreeSet;

use cognito_mfa_core::api::v1alpha1::ConditionType;
use serde_json::{Value, json};
use test_support::cluster::namespace::{TestNamespace, totp, with};

use crate::accounts::{Mounted, entry, file, role};

/// Two tenants, each with a pool and an account of its own. The operator runs with the first.
struct Tenants {
    here: TestNamespace,
    there: TestNamespace,
    pools: [String; 2],
    mounted: Mounted,
}

impl Tenants {
    async fn running() -> Self {
        let mut here = TestNamespace::without_operator().await;
        let there = here.second_namespace().await;
        let pools = [here.pool(), here.pool()];
        let mounted = Mounted::with(&file(&[entry(&here, 1, &[&pools[0]]), entry(&there, 2, &[&pools[1]])]));
        for account in [1, 2] {
            here.aws.state().iam.require_external_id(&role(account), &format!("id-{account}"));
        }
        mounted.start(&mut here, &[&there], &[]).await;
        Self { here, there, pools, mounted }
    }

    /// Who signed the calls about a pool.
    fn signers(&self, pool: &str) -> BTreeSet<String> {
        let calls = self.here.aws.calls().into_iter().filter(|call| call.pool.as_deref() == Some(pool));
        let state = self.here.aws.state();
        calls.map(|call| state.iam.arn(&call.access_key_id.expect("every call is signed"))).collect()
    }

    /// The session of a tenant in its account.
    fn session(rig: &TestNamespace, account: u8) -> String {
        let namespace = &rig.namespace;
        format!("arn:aws:sts::{account:012}:assumed-role/mfa/cognito-mfa-operator@{namespace}")
    }
}

fn sms(configuration: Value) -> Value {
    json!({"smsMfaConfiguration": {"smsConfiguration": configuration}})
}

/// The spec with these members beside or in place of its own.
fn with_all(mut spec: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
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
    assert_eq!(tenants.signers(&pools[0]), [Tenants::session(here, 1)].into());
    assert_eq!(tenants.signers(&pools[1]), [Tenants::session(there, 2)].into());
    let by_itself: BTreeSet<_> = here
        .aws
        .calls()
        .into_iter()
        .filter(|call| call.access_key_id.as_deref() == Some("operator"))
        .map(|call| call.operation)
        .collect();
    assert_eq!(
        by_itself,
        ["AssumeRole".to_owned()].into(),
        "the operator's own identity assumes roles, no more"
    );
}

#[tokio::test]
async fn no_field_of_an_object_reaches_anothers_pool() {
    let tenants = Tenants::running().await;
    let (here, there, [victim, own]) = (&tenants.here, &tenants.there, &tenants.pools);
    let role = role(1);
    let reaching = [
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
    for (number, more) in reaching.iter().enumerate() {
        let name = format!("reaches-{number}");
        there.apply(&name, with_all(totp(victim), more)).await;
        let notes = json!({"namespace": here.namespace, "cognito.mfaoperator.dev/role-arn": role,
            "cognito.mfaoperator.dev/namespace": here.namespace});
        there
            .patch(
                &name,
                json!({"metadata": {"annotations": notes, "labels": {"namespace": here.namespace}}}),
            )
            .await;
        there.until_reason(&name, "PoolNotAllowed").await;
        there.check(&name).await;
    }
    // Older by now than any object of the pool's own tenant, which they do not keep from it.
    here.apply("rightful", totp(victim)).await;
    here.until_reason("rightful", "InSync").await;
    for number in 0..reaching.len() {
        there.delete(&format!("reaches-{number}")).await;
    }
    there.apply("own", totp(own)).await;
    there.until_reason("own", "InSync").await;
    assert_eq!(tenants.signers(victim), [Tenants::session(here, 1)].into());
    assert_eq!(here.call_counts(victim), (1, 1));
}

#[tokio::test]
async fn an_sms_role_that_is_not_allowed_is_never_sent_and_rests_under_off() {
    let tenants = Tenants::running().await;
    let (there, own) = (&tenants.there, &tenants.pools[1]);
    let role = role(1);
    let sns = sms(json!({"snsCallerArn": role, "externalId": "id-1"}));
    let eums = sms(json!({"eumsSms": {"callerArn": role, "externalId": "id-1"}}));
    for more in [&sns, &eums] {
        there.apply("sms", with_all(totp(own), more)).await;
        let told = there.until_reason("sms", "CallerRoleNotAllowed").await.status.unwrap();
        assert!(told.condition(ConditionType::Stalled).unwrap().message.contains(&role), "{told:?}");
        there.check("sms").await;
    }
    assert_eq!(there.call_counts(own), (0, 0));
    there.apply("sms", with(with_all(totp(own), &sns), "mfaConfiguration", json!("OFF"))).await;
    there.until_reason("sms", "InSync").await;
    assert!(
        there.aws.calls().iter().all(|call| !call.request.to_string().contains(&role) || call.pool.is_none())
    );

    let allowed =
        entry(there, 2, &[own]).replace("}\n", ", smsCallerRoles: [\"arn:aws:iam::*:role/mfa\"]}\n");
    tenants.mounted.write(&file(&[allowed]));
    there.apply("sms", with_all(totp(own), &sns)).await;
    there.until_reason("sms", "InSync").await;
}

#[tokio::test]
async fn a_pool_goes_to_the_oldest_object_that_may_and_back_with_the_right() {
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

    // Who lost the right and the pool meets it anew: what it once set must not undo what the owner did since.
    tenants.mounted.write(&file(&[entry(there, 2, &["*"])]));
    there.until_reason("younger", "InSync").await;
    here.until_reason("older", "NamespaceNotMapped").await;
    there.apply("younger", with(totp(pool), "emailMfaConfiguration", json!({}))).await;
    there.until("younger", "set", |status| status.factors.as_deref() == Some("TOTP,EMAIL")).await;
    tenants.mounted.write(&file(&[entry(here, 1, &["*"]), entry(there, 2, &["*"])]));
    here.until_reason("older", "AdoptionHeld").await;
    assert_eq!(tenants.signers(pool), [Tenants::session(here, 1), Tenants::session(there, 2)].into());
}
