//! What is known of all objects, at two sizes of the fleet.

use std::time::Duration;

use cognito_mfa_core::{
    access::{
        accounts::{AccessRequest, Accounts, Identity, access_request},
        ownership::{Claims, object_key},
    },
    api::v1alpha1::UserPoolMfaConfig,
    plan::budget::WeakeningBudget,
    schedule::{
        quota::{CheckLoad, QuotaScope},
        scheduled_check::until_scheduled_check,
    },
};

use crate::{
    case::{Case, each, kept, of},
    given::{fleet, now},
};

const INTERVAL: Duration = Duration::from_mins(10);
const HOURS: Duration = Duration::from_hours(48);

pub fn cases(size: usize) -> Vec<Case> {
    let objects = fleet(size);
    [claims(objects), demand(objects), vec![scheduled_checks(objects), lowerings(objects), rights(objects)]]
        .into_iter()
        .flatten()
        .collect()
}

fn claims(objects: &'static [UserPoolMfaConfig]) -> Vec<Case> {
    let noted = move || {
        let mut claims = Claims::default();
        for object in objects {
            claims.upsert(object);
        }
        claims
    };
    let (mut again, known, size) = (noted(), kept(noted()), objects.len());
    vec![
        of(format!("ownership::Claims::note at {size}"), size, move || drop(noted())),
        each("ownership::Claims::note, unchanged", objects, move |object| again.upsert(object)),
        each("ownership::Claims::owner_before", objects, |object| known.conflicting_owner(object, |_| true)),
    ]
}

fn demand(objects: &'static [UserPoolMfaConfig]) -> Vec<Case> {
    let noted = move || {
        let mut demand = CheckLoad::default();
        for object in objects {
            demand.upsert(&object_key(object), access_request(object), INTERVAL, scope);
        }
        demand
    };
    let (mut granted, known, size) = (noted(), kept(noted()), objects.len());
    vec![
        of(format!("quota::Demand::note at {size}"), size, move || drop(noted())),
        of(format!("quota::Demand::grant at {size}"), size, move || granted.set_scopes(scope)),
        each("quota::Demand::stretch", objects, |object| {
            known.stretch(&QuotaScope::own(&object.spec.user_pool_id), 0.5)
        }),
    ]
}

#[allow(clippy::unnecessary_wraps, reason = "what Demand asks for")]
fn scope(wish: &AccessRequest) -> Option<QuotaScope> {
    Some(QuotaScope::of(&Identity::Own, &wish.pool))
}

fn scheduled_checks(objects: &'static [UserPoolMfaConfig]) -> Case {
    let uid = |object: &'static UserPoolMfaConfig| object.metadata.uid.as_deref().unwrap_or_default();
    each("schedule::until_scheduled_check", objects, move |object| {
        until_scheduled_check(uid(object), INTERVAL, now())
    })
}

/// A list after a start, and another: what each status tells was long ago.
fn lowerings(objects: &'static [UserPoolMfaConfig]) -> Case {
    let told = now() - HOURS;
    of(format!("breaker::Breaker::saw at {}", objects.len()), objects.len() * 2, move || {
        let mut breaker = WeakeningBudget::new(10);
        for object in objects.iter().chain(objects) {
            breaker.record_from_status(&object_key(object), told, now(), HOURS);
        }
    })
}

/// With an accounts file of a hundred entries, all of which are looked at.
fn rights(objects: &'static [UserPoolMfaConfig]) -> Case {
    let entry = |number| {
        format!(
            "- namespaces: [other-{number}]\n  roleArn: arn:aws:iam::123456789012:role/r\n  userPools: ['*']\n"
        )
    };
    let others: String = (0..99).map(entry).collect();
    let mine = "- namespaces: ['team-*']\n  roleArn: arn:aws:iam::123456789012:role/r\n  userPools: ['eu-*']\n  smsCallerRoles: ['*']\n";
    let accounts = kept(Accounts::parse(format!("accounts:\n{others}{mine}").as_bytes()).expect("a file"));
    let wishes = kept(objects.iter().map(access_request).collect::<Vec<_>>());
    each("accounts::Accounts::right", wishes, |wish| {
        accounts.authorize(wish).expect("the right to it").account().len()
    })
}
