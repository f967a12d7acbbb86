//! What the statuses of a fleet prove, and what they do not.

use std::time::Duration;

use cognito_mfa_core::{
    access::accounts::Forbidden,
    api::v1alpha1::{
        ALLOW_LOWERING, ConditionType, MfaMode, OperatorConflict, UserPoolMfaConfig, UserPoolMfaConfigStatus,
    },
    calls::failure::FailureClass,
    plan::{approval::ApprovalTarget, budget::Turn, hold::Hold},
    status::outcome::Outcome,
};
use cognito_mfa_operator::cli::posture::{
    EXCEPTION_REASON, Factor, ListedObject, ObjectState, PoolReport, Posture, ProofCriteria, RuleResult,
    Source, Totals,
};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::core::DynamicObject;
use serde_json::{Value, json};
use test_support::fixtures::{
    after, at, denied, edited, failed_read, failed_write, not_taken, object, observed, off, on_totp,
    reconciled_fully, settled, with, with_sms,
};

const HOUR: i64 = 3600;
const MAX_AGE: Duration = Duration::from_hours(49);

fn criteria(at: Timestamp) -> ProofCriteria {
    ProofCriteria { at, max_age: MAX_AGE }
}

/// The report on an object 60 seconds after the time at which the fixtures begin.
fn report(object: UserPoolMfaConfig) -> PoolReport {
    PoolReport::new(&object.into(), &criteria(at(60)))
}

fn why_not_proven(object: UserPoolMfaConfig) -> String {
    let pool = report(object);
    assert_eq!(
        [pool.mfa_enabled, pool.no_sms],
        [RuleResult::NotProven; 2],
        "an unproven pool passes no rule"
    );
    pool.not_proven.expect("the status proves nothing")
}

fn listed(value: Value) -> ListedObject {
    serde_json::from_value::<DynamicObject>(value).expect("metadata").into()
}

/// The report on an object whose pool equals the spec.
fn report_in_sync(declared: &Value) -> PoolReport {
    report(settled(declared))
}

#[test]
fn a_fresh_ready_status_proves_what_it_shows() {
    let pool = report_in_sync(&on_totp());
    assert_eq!(pool.not_proven, None);
    assert_eq!(
        (pool.state, pool.ready.as_str(), pool.reason.as_str()),
        (ObjectState::InSync, "True", "InSync")
    );
    assert_eq!(pool.mode, Some(MfaMode::On));
    assert_eq!(pool.factors, [Factor::Totp]);
    assert_eq!(pool.verified, Some(at(0)));
}

#[test]
fn a_missing_stale_or_not_ready_status_proves_nothing() {
    assert_eq!(why_not_proven(object(&on_totp())), "no operator has reported on it");
    let edited = edited(&settled(&on_totp()), &off());
    assert_eq!(why_not_proven(edited), "stale: the status is of generation 1, the object is at 2");
    let mut failed = settled(&on_totp());
    failed = after(&failed, &failed_read(FailureClass::AccessDenied), at(30));
    assert_eq!(why_not_proven(failed), "Ready is Unknown: AccessDenied");
}

#[test]
fn what_was_read_is_a_fact_whether_it_equals_the_spec_or_not() {
    let observer = object(&with(&on_totp(), &json!({"managementPolicy": "Observe"})));
    let seen_off = after(&observer, &reconciled_fully(&observer, &observed(&off())), at(0));
    let pool = report(seen_off.clone());
    assert_eq!((pool.not_proven, pool.mode), (None, Some(MfaMode::Off)));
    assert_eq!([pool.mfa_enabled, pool.no_sms], [RuleResult::Fails; 2]);
    assert_eq!(pool.state, ObjectState::Differs);
    let sms_stayed = report(not_taken());
    assert_eq!((sms_stayed.not_proven, sms_stayed.no_sms), (None, RuleResult::Fails));
    let old = PoolReport::new(&seen_off.into(), &criteria(at(50 * HOUR)));
    assert_eq!(old.mfa_enabled, RuleResult::NotProven);
}

#[test]
fn an_old_status_proves_nothing() {
    let age = |hours| PoolReport::new(&settled(&on_totp()).into(), &criteria(at(hours * HOUR))).not_proven;
    assert_eq!(age(49), None);
    assert_eq!(age(50).as_deref(), Some("stale: last verified 50 h ago, the limit is 49 h"));
}

#[test]
fn a_status_from_the_future_counts_if_it_is_at_most_five_minutes_ahead() {
    let ahead =
        |seconds: i64| PoolReport::new(&settled(&on_totp()).into(), &criteria(at(-seconds))).not_proven;
    assert_eq!(ahead(300), None);
    assert!(ahead(301).is_some_and(|reason| reason.ends_with("which is in the future")));
}

type Change = fn(&mut UserPoolMfaConfig);

#[test]
fn a_status_that_no_operator_writes_proves_nothing() {
    let changed = |change: Change| {
        let mut object = settled(&on_totp());
        change(&mut object);
        why_not_proven(object)
    };
    let cases: [(Change, &str); 6] = [
        (|object| object.metadata.deletion_timestamp = Some(Time(at(1))), "being deleted"),
        (|object| object.metadata.generation = None, "did not come from a cluster"),
        (|object| status(object).conditions.clear(), "no condition Ready"),
        (|object| status(object).observed = None, "does not say what Cognito has"),
        (|object| status(object).drift = not_taken().status.expect("one").drift, "although Ready is True"),
        (|object| status(object).last_verified_time = None, "does not say when"),
    ];
    for (change, words) in cases {
        let reason = changed(change);
        assert!(reason.contains(words), "{reason}");
    }
    let stale = changed(|object| status(object).conditions[0].observed_generation = Some(0));
    assert_eq!(stale, "stale: the condition Ready is of another generation");
}

fn status(object: &mut UserPoolMfaConfig) -> &mut UserPoolMfaConfigStatus {
    object.status.as_mut().expect("a status")
}

#[test]
fn an_object_that_this_version_cannot_read_is_listed_and_proves_nothing() {
    let spec = with(&on_totp(), &json!({"userPoolId": "eu-west-1_New", "fallback": "VOICE"}));
    let newer = listed(json!({"metadata": {"namespace": "shop", "name": "newer"}, "spec": spec}));
    let pool = PoolReport::new(&newer, &criteria(at(0)));
    assert_eq!((pool.state, pool.reason.as_str()), (ObjectState::Failed, "InvalidSpec"));
    assert_eq!((pool.name.as_str(), pool.user_pool_id.as_str()), ("newer", "eu-west-1_New"));
    assert!(pool.message.contains("spec.fallback is unknown"), "{}", pool.message);
    assert_eq!(pool.not_proven.as_deref(), Some("this version cannot read the object"));
}

/// An object that declares OPTIONAL, whose pool somebody set to ON.
fn stronger() -> UserPoolMfaConfig {
    let optional = with(&on_totp(), &json!({"mfaConfiguration": "OPTIONAL"}));
    let object = settled(&optional);
    after(&object, &reconciled_fully(&object, &observed(&on_totp())), at(30))
}

/// An object whose pool lost MFA before each of three checks in a row.
fn contested() -> UserPoolMfaConfig {
    [0, 20, 40].into_iter().fold(settled(&on_totp()), |object, second| {
        after(&object, &reconciled_fully(&object, &observed(&off())), at(second))
    })
}

#[test]
fn a_pool_that_is_stronger_than_declared_is_proven_as_it_is() {
    let pool = report(stronger());
    assert_eq!((pool.not_proven, pool.ready.as_str()), (None, "True"));
    assert_eq!((pool.mode, pool.declared_mode), (Some(MfaMode::On), Some(MfaMode::Optional)));
    assert_eq!(pool.mfa_enabled, RuleResult::Passes, "the rules count what Cognito has");
    assert_eq!(pool.drift[0].field, "mfaConfiguration");
}

#[test]
fn a_contested_pool_is_proven_and_has_an_exception() {
    let pool = report(contested());
    assert_eq!((pool.not_proven, pool.ready.as_str()), (None, "True"));
    assert_eq!(pool.exceptions[0].kind, "Contested");
}

#[test]
fn each_outcome_has_its_state() {
    let drifted = observed(&off());
    let base = settled(&on_totp());
    let on_hold = |hold: Hold| {
        let Outcome::Written { plan, .. } = reconciled_fully(&base, &drifted) else {
            panic!("drift is corrected")
        };
        after(&base, &Outcome::OnHold(drifted.clone(), plan, hold), at(30))
    };
    let adopting = object(&off());
    let observing = object(&with(&on_totp(), &json!({"managementPolicy": "Observe"})));
    let left = Duration::from_secs(1);
    let turn = Turn { retry_after: left, expected: None };
    let cases = vec![
        (base.clone(), ObjectState::InSync),
        (object(&on_totp()), ObjectState::Waiting),
        (edited(&base, &off()), ObjectState::Waiting),
        (after(&base, &Outcome::Suspended, at(30)), ObjectState::Suspended),
        (after(&adopting, &reconciled_fully(&adopting, &observed(&on_totp())), at(30)), ObjectState::OnHold),
        (on_hold(Hold::HourlyLimit { turn, approval: ApprovalTarget::Generation(1) }), ObjectState::OnHold),
        (on_hold(Hold::NotTaken { left }), ObjectState::Differs),
        (contested(), ObjectState::Contested),
        (stronger(), ObjectState::Stronger),
        (on_hold(Hold::ObserveOnly), ObjectState::Differs),
        (after(&observing, &reconciled_fully(&observing, &drifted), at(30)), ObjectState::Differs),
        (not_taken(), ObjectState::Differs),
        (after(&base, &Outcome::NotOwner("shop/older".into()), at(30)), ObjectState::Failed),
        (after(&base, &denied(Forbidden::Pool, false), at(30)), ObjectState::Failed),
        (after(&base, &failed_read(FailureClass::Throttled), at(30)), ObjectState::InSync),
        (after(&adopting, &failed_read(FailureClass::Throttled), at(30)), ObjectState::Failed),
        (
            after(&base, &failed_write(&base, &drifted, FailureClass::InvalidParameter), at(30)),
            ObjectState::Failed,
        ),
    ];
    for (object, state) in cases {
        let reason =
            object.status.as_ref().and_then(|status| status.condition(ConditionType::Ready)).cloned();
        assert_eq!(report(object).state, state, "{reason:?}");
    }
}

#[test]
fn rules_are_evaluated_with_the_settings_in_cognito() {
    let email = json!({"mfaConfiguration": "OPTIONAL", "emailMfaConfiguration": {}});
    let ignored = json!({"mfaConfiguration": "OFF", "softwareTokenMfaConfiguration": {"enabled": true}});
    for (declared, mfa_enabled, no_sms) in [
        (on_totp(), RuleResult::Passes, RuleResult::Passes),
        (with_sms(), RuleResult::Passes, RuleResult::Fails),
        (email, RuleResult::Unclear, RuleResult::Fails),
        (off(), RuleResult::Fails, RuleResult::Fails),
        (ignored, RuleResult::Fails, RuleResult::Fails),
    ] {
        let pool = report_in_sync(&declared);
        assert_eq!(pool.not_proven, None);
        assert_eq!((pool.mfa_enabled, pool.no_sms), (mfa_enabled, no_sms), "{declared}");
    }
}

#[test]
fn a_passkey_is_strong_only_if_it_verifies_its_user() {
    let with_passkey = |verification: &str| {
        let passkey = json!({"relyingPartyId": "auth.example.com", "userVerification": verification});
        report_in_sync(&with(&off(), &json!({"webAuthnConfiguration": passkey}))).factors
    };
    assert_eq!(with_passkey("required"), [Factor::PasskeyVerified]);
    assert_eq!(with_passkey("preferred"), [Factor::Passkey]);
}

#[test]
fn factors_that_are_ignored_under_off_do_not_count() {
    let ignored = with(&with_sms(), &off());
    assert_eq!(report_in_sync(&ignored).factors, []);
}

#[test]
fn exceptions_have_names_and_reasons() {
    let declared = with(&on_totp(), &json!({"managementPolicy": "Observe", "deletionPolicy": "Disable"}));
    let mut object = settled(&declared);
    let notes = [(EXCEPTION_REASON, "SEC-12, until 2027"), (ALLOW_LOWERING, "1")];
    object.metadata.annotations = Some(notes.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
    object.status.as_mut().expect("a status").last_lowering_time = Some(at(0));
    let exceptions = report(object).exceptions;
    let kinds: Vec<_> = exceptions.iter().map(|exception| exception.kind).collect();
    assert_eq!(kinds, ["Observed only", "Disable on delete", "Lowered", "Lowering allowed", "Documented"]);
    assert_eq!(exceptions[2].reason, "Protection was last taken away at 2023-11-14T22:13:20Z.");
    assert_eq!(exceptions[4].reason, "SEC-12, until 2027");
    let suspended = after(&settled(&on_totp()), &Outcome::Suspended, at(30));
    assert_eq!(report(suspended).exceptions[0].kind, "Suspended");
}

#[test]
fn several_operators_on_one_object_are_an_exception_that_names_them() {
    let mut object = settled(&on_totp());
    let operators = vec!["a/one".into(), "b/two".into()];
    object.status.as_mut().expect("a status").operator_conflict =
        Some(OperatorConflict { operators, time: at(0) });
    let exceptions = report(object).exceptions;
    assert_eq!((exceptions.len(), exceptions[0].kind), (1, "Several operators"));
    assert_eq!(exceptions[0].reason, "a/one and b/two act on the object, last seen at 2023-11-14T22:13:20Z.");
}

#[test]
fn an_approval_of_another_generation_is_no_exception() {
    let mut object = settled(&on_totp());
    object.metadata.annotations = Some([(ALLOW_LOWERING.to_owned(), "2".to_owned())].into());
    assert_eq!(report(object).exceptions, []);
}

#[test]
fn corrections_come_newest_first() {
    let mut object = settled(&on_totp());
    for second in [100, 200] {
        object = after(&object, &reconciled_fully(&object, &observed(&off())), at(second));
    }
    let times: Vec<_> = report(object).corrections.iter().map(|correction| correction.time).collect();
    assert_eq!(times, [at(200), at(100)]);
}

/// The object under another name, with the same pool.
fn renamed(object: &UserPoolMfaConfig, name: &str) -> ListedObject {
    let mut object = object.clone();
    object.metadata.name = Some(name.into());
    object.metadata.uid = Some(name.into());
    object.into()
}

#[test]
fn a_pool_with_several_objects_counts_once_with_the_proven_object() {
    let owner = settled(&on_totp());
    let other = after(&object(&off()), &Outcome::NotOwner("shop/customers".into()), at(30));
    let objects = [renamed(&other, "a"), renamed(&owner, "b"), renamed(&other, "c")];
    let posture = Posture::new(&objects, &criteria(at(60)), Source::default());
    let counts: Vec<_> = posture.pools.iter().map(|pool| pool.counts_for_pool).collect();
    assert_eq!(counts, [false, true, false]);
    let totals = &posture.totals;
    assert_eq!((totals.objects, totals.pools, totals.proven), (3, 1, 1));
    assert_eq!(Totals::count(&totals.mfa_enabled, RuleResult::Passes), 1);
}

#[test]
fn the_latest_proven_object_counts_for_a_pool() {
    let first = settled(&on_totp());
    let observing = object(&with(&off(), &json!({"managementPolicy": "Observe"})));
    let later = after(&observing, &reconciled_fully(&observing, &observed(&off())), at(30));
    let posture =
        Posture::new(&[renamed(&first, "a"), renamed(&later, "b")], &criteria(at(60)), Source::default());
    assert!(posture.pools[1].counts_for_pool && !posture.pools[0].counts_for_pool);
}

#[test]
fn an_object_in_two_files_counts_once_with_its_latest_status() {
    let before = settled(&on_totp());
    let later = after(&before, &reconciled_fully(&before, &observed(&off())), at(30));
    let posture = Posture::new(&[before.into(), later.into()], &criteria(at(60)), Source::default());
    assert_eq!(posture.pools.len(), 1);
    assert_eq!(posture.pools[0].verified, Some(at(30)));
}

#[test]
fn a_dump_of_an_earlier_generation_proves_nothing_in_any_order() {
    let old = edited(&settled(&on_totp()), &on_totp());
    let old = after(&old, &reconciled_fully(&old, &observed(&on_totp())), at(30));
    assert_eq!(report(old.clone()).not_proven, None);
    let mut without_status = edited(&old, &off());
    without_status.status = None;
    let mut deleted = edited(&old, &off());
    deleted.metadata.deletion_timestamp = Some(Time(at(40)));
    let mut invalid = serde_json::to_value(edited(&old, &off())).expect("JSON");
    invalid["spec"]["fallback"] = "VOICE".into();
    for newer in [without_status.into(), deleted.into(), listed(invalid)] {
        let posture = in_any_order(&[old.clone().into(), newer]);
        assert_eq!((posture.pools.len(), posture.totals.proven), (1, 0), "{:?}", posture.pools);
    }
}

#[test]
fn of_two_dumps_of_one_generation_the_unproven_one_counts() {
    let proven = settled(&on_totp());
    let failed = after(&proven, &failed_read(FailureClass::AccessDenied), at(30));
    let posture = in_any_order(&[proven.into(), failed.into()]);
    assert_eq!((posture.pools.len(), posture.totals.proven), (1, 0));
}

/// The report, after a check that the order of the objects does not change it.
fn in_any_order(objects: &[ListedObject; 2]) -> Posture {
    let report = |objects: &[ListedObject]| Posture::new(objects, &criteria(at(60)), Source::default());
    let [first, second] = objects.clone();
    let posture = report(objects);
    assert_eq!(posture.pools, report(&[second, first]).pools);
    posture
}

#[test]
fn characters_that_hide_or_reorder_text_become_spaces() {
    let mut object = settled(&on_totp());
    let hostile = "\u{1b}[2J\u{202e}reversed\u{2066}\n<b>";
    object.metadata.annotations = Some([(EXCEPTION_REASON.to_owned(), hostile.to_owned())].into());
    assert_eq!(report(object).exceptions[0].reason, " [2J reversed  <b>");
}
