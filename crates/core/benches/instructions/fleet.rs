//! The indexes over all objects: ownership, check load, schedule, hourly limit, accounts.

use std::time::Duration;

use cognito_mfa_core::{
    access::{
        accounts::{Accounts, access_request},
        ownership::{Claims, object_key},
    },
    api::v1alpha1::UserPoolMfaConfig,
    plan::budget::{Now, WeakeningBudget},
    schedule::{check_load::CheckLoad, quota::QuotaScope, scheduled_check::until_scheduled_check},
};

use crate::{
    case::{Case, each, leaked, of},
    inputs::{fleet, now},
};

const INTERVAL: Duration = Duration::from_mins(10);
const HOURS: Duration = Duration::from_hours(48);

pub fn cases(size: usize) -> Vec<Case> {
    let objects = fleet(size);
    [
        claims(objects),
        check_load(objects),
        vec![scheduled_checks(objects), weakening(objects), accounts(objects)],
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn claims(objects: &'static [UserPoolMfaConfig]) -> Vec<Case> {
    let filled = move || {
        let mut claims = Claims::default();
        for object in objects {
            claims.upsert(&object_key(object).into(), object);
        }
        claims
    };
    let (mut updated, claims, size) = (filled(), leaked(filled()), objects.len());
    vec![
        of(format!("ownership::Claims::upsert at {size}"), size, move || drop(filled())),
        each("ownership::Claims::upsert, unchanged", objects, move |object| {
            updated.upsert(&object_key(object).into(), object)
        }),
        each("ownership::Claims::conflicting_owner", objects, |object| {
            claims.conflicting_owner(object, |_| true)
        }),
    ]
}

fn check_load(objects: &'static [UserPoolMfaConfig]) -> Vec<Case> {
    let filled = move || {
        let mut load = CheckLoad::default();
        for object in objects {
            load.upsert(&object_key(object).into(), &scope(object), INTERVAL);
        }
        load
    };
    let (mut load, size) = (filled(), objects.len());
    vec![
        of(format!("check_load::CheckLoad::upsert at {size}"), size, move || drop(filled())),
        each("check_load::CheckLoad::stretch", objects, move |object| {
            let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
            load.stretch(&scope(object), namespace, 0.5)
        }),
    ]
}

fn scope(object: &UserPoolMfaConfig) -> QuotaScope {
    QuotaScope::own(object.pool_id().expect("it has a pool"))
}

fn scheduled_checks(objects: &'static [UserPoolMfaConfig]) -> Case {
    let uid = |object: &'static UserPoolMfaConfig| object.metadata.uid.as_deref().unwrap_or_default();
    each("scheduled_check::until_scheduled_check", objects, move |object| {
        until_scheduled_check(uid(object), INTERVAL, now())
    })
}

/// Two lists after a start. The weakening write in each status is older than an hour.
fn weakening(objects: &'static [UserPoolMfaConfig]) -> Case {
    let (name, size) = ("budget::WeakeningBudget::record_status", objects.len());
    let written = now() - HOURS;
    let now = Now { wall_clock: now(), since_start: HOURS };
    let mut objects = objects.to_vec();
    for object in &mut objects {
        object.status.get_or_insert_default().last_lowering_time = Some(written);
    }
    of(format!("{name} at {size}"), size * 2, move || {
        let mut budget = WeakeningBudget::new(10);
        for object in objects.iter().chain(&objects) {
            budget.record_status(object, now);
        }
    })
}

/// An accounts file with a hundred entries, of which only the last one matches.
fn accounts(objects: &'static [UserPoolMfaConfig]) -> Case {
    let entry = |number| {
        format!(
            "- namespaces: [other-{number}]\n  roleArn: arn:aws:iam::123456789012:role/r\n  userPools: ['*']\n"
        )
    };
    let others: String = (0..99).map(entry).collect();
    let mine = "- namespaces: ['team-*']\n  roleArn: arn:aws:iam::123456789012:role/r\n  userPools: ['eu-*']\n  smsCallerRoles: ['*']\n";
    let accounts = leaked(Accounts::parse(format!("accounts:\n{others}{mine}").as_bytes()).expect("a file"));
    let requests = leaked(
        objects
            .iter()
            .map(|object| access_request(object.resolved().expect("it has a pool")))
            .collect::<Vec<_>>(),
    );
    each("accounts::Accounts::authorize", requests, |request| {
        accounts.authorize(request).expect("access to the pool").account().len()
    })
}
