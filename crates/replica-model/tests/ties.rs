//! What the model says of the operator's own decisions is what they are.

use std::time::Duration;

use cognito_mfa_core::{
    access::ownership::Claims,
    api::v1alpha1::UserPoolMfaConfig,
    leader_election::{Candidate, Timing, Write},
};
use jiff::Timestamp;
use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::Time,
};
use replica_model::{
    decisions::{DECLS, alike},
    election::{DEADLINE, DURATION, Election, Holder, LONGEST},
    guards::Guards,
    steps::still_planned,
    world::{Live, Memory, Object, Reason, Replica, Synced},
};

fn ticks(ticks: u8) -> Duration {
    Duration::from_secs(ticks.into())
}

/// One candidate twice, and the Lease at the server.
#[derive(Clone)]
struct Pair {
    real: Candidate,
    model: Election,
    now: u8,
    lease: Lease,
    /// The write that is on its way, when it began, and whether it still replaces what the server has.
    write: Option<(Lease, u8)>,
    term: u32,
}

const STEPS: [&str; 8] =
    ["tick", "look", "claim", "arrive", "arrive unheard", "another takes it", "begin", "release"];

impl Pair {
    fn new() -> Self {
        let timing = Timing { duration: ticks(DURATION), deadline: ticks(DEADLINE), retry: ticks(1) };
        let spec = LeaseSpec { lease_duration_seconds: Some(DURATION.into()), ..LeaseSpec::default() };
        let mut lease = Lease { spec: Some(spec), ..Lease::default() };
        lease.metadata.resource_version = Some("0".into());
        let real = Candidate::new("me".into(), timing);
        Self { real, model: Election::default(), now: 0, lease, write: None, term: 0 }
    }

    fn at(&self) -> Duration {
        ticks(self.now)
    }

    fn holder(&self) -> Holder {
        match self.lease.spec.as_ref().and_then(|spec| spec.holder_identity.as_deref()) {
            None => Holder::Nobody,
            Some("me") => Holder::Me,
            Some(_) => Holder::Other,
        }
    }

    /// The server takes a write. Nobody has seen this version yet.
    fn store(&mut self, mut lease: Lease) {
        let version = |lease: &Lease| lease.metadata.resource_version.as_ref().and_then(|it| it.parse().ok());
        lease.metadata.resource_version = version(&self.lease).map(|version: u32| (version + 1).to_string());
        self.lease = lease;
        self.model.seen.iter_mut().for_each(|seen| seen.current = false);
    }

    /// Does the step; false where it cannot be.
    fn step(&mut self, step: &str) -> bool {
        match step {
            "tick" => {
                self.now += 1;
                self.model.tick();
            }
            "look" => {
                self.real.observe(Some(self.lease.clone()), self.at());
                self.model.saw(self.holder());
            }
            "claim" => {
                let write = self.real.claim(self.at(), Timestamp::UNIX_EPOCH);
                assert_eq!(write.is_some(), self.model.claim());
                let Some(Write::Replace(lease)) = write else { return false };
                self.write = Some((lease, self.now));
            }
            "arrive" | "arrive unheard" => return self.arrive(step == "arrive"),
            "another takes it" => {
                let mut lease = self.lease.clone();
                let spec = lease.spec.get_or_insert_default();
                spec.holder_identity = Some("another".into());
                spec.lease_transitions = Some(spec.lease_transitions.unwrap_or_default() + 1);
                self.store(lease);
                self.model.held = false;
            }
            "begin" => {
                assert_eq!(self.real.may_begin(self.at(), ticks(LONGEST)), self.model.may_begin());
            }
            _ => assert_eq!(self.real.release().is_some(), self.model.release()),
        }
        true
    }

    fn arrive(&mut self, heard: bool) -> bool {
        let Some((lease, began)) = self.write.take() else { return false };
        if lease.metadata.resource_version != self.lease.metadata.resource_version {
            return false;
        }
        self.store(lease);
        if heard {
            self.real.wrote(self.lease.clone(), ticks(began));
            let new = self.model.wrote((self.now - began).min(DURATION));
            assert_eq!(self.real.term() != self.term, new);
            self.term = self.real.term();
        }
        true
    }

    fn compare(&self) {
        let (real, model) = (&self.real, &self.model);
        assert_eq!(real.must_read(), !model.fresh);
        assert_eq!(real.leads(self.at()), model.leads());
        assert_eq!(real.busy_for(self.at()), ticks(model.busy));
        assert_eq!(real.clone().may_begin(self.at(), ticks(LONGEST)), model.clone().may_begin());
        assert_eq!(real.clone().release().is_some(), model.clone().release());
        let claims = real.clone().claim(self.at(), Timestamp::UNIX_EPOCH).is_some();
        assert_eq!(claims, model.clone().claim());
    }

    /// Every sequence of so many steps.
    fn walk(&self, steps: u32) -> u32 {
        self.compare();
        if steps == 0 {
            return 1;
        }
        let next = |step| {
            let mut next = self.clone();
            if next.step(step) { next.walk(steps - 1) } else { 0 }
        };
        STEPS.into_iter().map(next).sum()
    }
}

#[test]
fn the_election_in_ticks_answers_as_the_candidate_does() {
    let walked = Pair::new().walk(6);
    let mut leader = Pair::new();
    assert!(["look", "claim", "arrive"].into_iter().all(|step| leader.step(step)));
    let led = leader.walk(7);
    assert!(walked > 10_000 && led > 100_000, "{walked} and {led} walks are few");
}

/// The default times in ticks: a Set may begin in the first part of the time that a leader leads, and not in the last.
const _: () = assert!(LONGEST <= DEADLINE && DEADLINE < DURATION && DEADLINE - 1 + LONGEST > DURATION);

fn objects() -> Vec<Object> {
    let [first, second, _, other, ..] = DECLS;
    let synced = |(reason, equal)| Some(Synced { generation: 1, reason, equal });
    let reasons = [(Reason::InSync, Some(true)), (Reason::NotTaken, Some(false)), (Reason::Failed, None)];
    let conditions: Vec<_> = reasons.map(synced).into_iter().chain([None]).collect();
    let mut objects = Vec::new();
    for decl in [first, second, other] {
        for applied in [None, Some(first), Some(second)] {
            for observed in [None, Some(Live::Start), Some(Live::As(first)), Some(Live::Beside(first))] {
                objects.extend(
                    conditions
                        .iter()
                        .map(|&synced| Object { decl, memory: Memory { applied, observed, synced } }),
                );
            }
        }
    }
    objects
}

#[test]
fn a_pass_stands_where_the_core_says_so() {
    for planned in objects() {
        // Not all with all: a third of them, and every one with itself.
        for fresh in objects().into_iter().step_by(3).chain([planned]) {
            let stands = still_planned(planned, Some(fresh), Guards::ALL);
            assert_eq!(stands, alike(planned, fresh), "{planned:?} {fresh:?}");
        }
    }
    assert!(!still_planned(objects()[0], None, Guards::ALL));
}

#[test]
fn the_oldest_speaks_for_the_pool_where_the_core_says_so() {
    let [older, .., younger] = [DECLS[0], DECLS[3]];
    for names in [[Some(older), Some(younger)], [None, Some(younger)], [Some(younger), Some(older)]] {
        let mut claims = Claims::default();
        let real = names.map(|decl| decl.map(|decl| claimant(decl.uid)));
        for object in real.iter().flatten() {
            claims.upsert(object);
        }
        let cache = names.map(|decl| decl.map(|decl| Object { decl, memory: Memory::default() }));
        let replica = Replica { cache, ..Replica::default() };
        for (name, object) in real.iter().enumerate() {
            let Some(object) = object else { continue };
            assert_eq!(replica.owns(name), claims.conflicting_owner(object, |_| true).is_none());
        }
    }
}

fn claimant(uid: u8) -> UserPoolMfaConfig {
    let spec = serde_json::json!({"userPoolId": "eu-west-1_Model", "mfaConfiguration": "OFF"});
    let mut object = UserPoolMfaConfig::new(&uid.to_string(), serde_json::from_value(spec).expect("a spec"));
    object.metadata.uid = Some(uid.to_string());
    let created = Timestamp::from_second(uid.into()).expect("a moment");
    object.metadata.creation_timestamp = Some(Time(created));
    object
}
