//! The parts of the core that the model reimplements give the same answers as the core.

use std::time::Duration;

use cognito_mfa_core::{
    access::ownership::{Claims, object_key},
    api::v1alpha1::UserPoolMfaConfig,
    leader_election::{Candidate, Timing, Write},
};
use jiff::Timestamp;
use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::Time,
};
use replica_model::{
    decisions::{DECLARATIONS, alike},
    election::{DEADLINE, DURATION, Election, Holder, LONGEST},
    guards::Guards,
    steps::still_planned,
    world::{Memory, Object, PoolState, Reason, Replica, Synced},
};

fn ticks(ticks: u8) -> Duration {
    Duration::from_secs(ticks.into())
}

/// The same candidate in the core and in the model, and the Lease at the API server.
#[derive(Clone)]
struct Pair {
    core: Candidate,
    model: Election,
    now: u8,
    lease: Lease,
    /// The write in flight, and when it began.
    write: Option<(Lease, u8)>,
    term: u32,
}

const STEPS: [&str; 8] =
    ["tick", "read", "claim", "store", "store unanswered", "another claims", "begin", "release"];

impl Pair {
    fn new() -> Self {
        let timing = Timing { duration: ticks(DURATION), deadline: ticks(DEADLINE), retry: ticks(1) };
        let spec = LeaseSpec { lease_duration_seconds: Some(DURATION.into()), ..LeaseSpec::default() };
        let mut lease = Lease { spec: Some(spec), ..Lease::default() };
        lease.metadata.resource_version = Some("0".into());
        let core = Candidate::new("me".into(), timing);
        Self { core, model: Election::default(), now: 0, lease, write: None, term: 0 }
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

    /// The server accepts a write. No candidate has seen this version yet.
    fn store(&mut self, mut lease: Lease) {
        let version = |lease: &Lease| lease.metadata.resource_version.as_ref().and_then(|it| it.parse().ok());
        lease.metadata.resource_version = version(&self.lease).map(|version: u32| (version + 1).to_string());
        self.lease = lease;
        self.model.observed.iter_mut().for_each(|observed| observed.current = false);
    }

    /// Does the step. Returns false if it is impossible.
    fn step(&mut self, step: &str) -> bool {
        match step {
            "tick" => {
                self.now += 1;
                self.model.tick();
            }
            "read" => {
                self.core.observe(Some(self.lease.clone()), self.at());
                self.model.observe(self.holder());
            }
            "claim" => {
                let write = self.core.claim(self.at(), Timestamp::UNIX_EPOCH);
                assert_eq!(write.is_some(), self.model.claim());
                let Some(Write::Replace(lease)) = write else { return false };
                self.write = Some((lease, self.now));
            }
            "store" | "store unanswered" => return self.store_write(step == "store"),
            "another claims" => {
                let mut lease = self.lease.clone();
                let spec = lease.spec.get_or_insert_default();
                spec.holder_identity = Some("another".into());
                spec.lease_transitions = Some(spec.lease_transitions.unwrap_or_default() + 1);
                self.store(lease);
                self.model.same_term = false;
            }
            "begin" => {
                assert_eq!(self.core.may_begin(self.at(), ticks(LONGEST)), self.model.may_begin());
            }
            "release" => assert_eq!(self.core.release().is_some(), self.model.release()),
            other => panic!("{other} is not a step"),
        }
        true
    }

    fn store_write(&mut self, answered: bool) -> bool {
        let Some((lease, began)) = self.write.take() else { return false };
        if lease.metadata.resource_version != self.lease.metadata.resource_version {
            return false;
        }
        self.store(lease);
        if answered {
            self.core.wrote(self.lease.clone(), ticks(began));
            let new = self.model.wrote((self.now - began).min(DURATION));
            assert_eq!(self.core.term() != self.term, new);
            self.term = self.core.term();
        }
        true
    }

    fn compare(&self) {
        let (core, model) = (&self.core, &self.model);
        assert_eq!(core.must_read(), !model.fresh);
        assert_eq!(core.leads(self.at()), model.leads());
        assert_eq!(core.busy_for(self.at()), ticks(model.busy));
        assert_eq!(core.clone().may_begin(self.at(), ticks(LONGEST)), model.clone().may_begin());
        assert_eq!(core.clone().release().is_some(), model.clone().release());
        let claims = core.clone().claim(self.at(), Timestamp::UNIX_EPOCH).is_some();
        assert_eq!(claims, model.clone().claim());
    }

    /// Walks every sequence of this many steps. Returns the number of sequences.
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
fn the_election_in_ticks_gives_the_answers_of_the_candidate() {
    let walked = Pair::new().walk(6);
    let mut leader = Pair::new();
    assert!(["read", "claim", "store"].into_iter().all(|step| leader.step(step)));
    let led = leader.walk(7);
    assert!(walked > 10_000 && led > 100_000, "{walked} and {led} walks are few");
}

/// With the default times in ticks, a leader may send a write early in its lease and not late in it.
const _: () = assert!(LONGEST <= DEADLINE && DEADLINE < DURATION && DEADLINE - 1 + LONGEST > DURATION);

fn objects() -> Vec<Object> {
    let [first, second, _, other, ..] = DECLARATIONS;
    let synced = |(reason, status)| Some(Synced { generation: 1, reason, status });
    let reasons =
        [(Reason::InSync, Some(true)), (Reason::NotTaken, Some(false)), (Reason::CognitoUnavailable, None)];
    let conditions: Vec<_> = reasons.map(synced).into_iter().chain([None]).collect();
    let pools = [PoolState::Initial, PoolState::Declared(first), PoolState::DeclaredAndMore(first)];
    let mut objects = Vec::new();
    let hashes = [(None, None), (Some(first), None), (Some(second), None), (Some(first), Some(second))];
    for declaration in [first, second, other] {
        for (applied, attempted) in hashes.into_iter().chain([(None, Some(first))]) {
            for observed in pools.map(Some).into_iter().chain([None]) {
                let memory = |&synced: &Option<Synced>| Memory { applied, attempted, observed, synced };
                objects.extend(conditions.iter().map(memory).map(|memory| Object { declaration, memory }));
            }
        }
    }
    objects
}

#[test]
fn a_plan_is_still_valid_exactly_when_the_core_says_so() {
    for planned in objects() {
        // A third of all pairs keeps the test short; each object is also compared with itself.
        for fresh in objects().into_iter().step_by(3).chain([planned]) {
            let valid = still_planned(planned, Some(fresh), Guards::ALL);
            assert_eq!(valid, alike(planned, fresh), "{planned:?} {fresh:?}");
        }
    }
    assert!(!still_planned(objects()[0], None, Guards::ALL));
}

#[test]
fn the_oldest_object_owns_the_pool_as_in_the_core() {
    let (older, younger) = (DECLARATIONS[0], DECLARATIONS[3]);
    for names in [[Some(older), Some(younger)], [None, Some(younger)], [Some(younger), Some(older)]] {
        let mut claims = Claims::default();
        let objects = names.map(|name| name.map(|declaration| claimant(declaration.uid)));
        for object in objects.iter().flatten() {
            claims.upsert(&object_key(object).into(), object);
        }
        let cached = |declaration| Object { declaration, memory: Memory::default() };
        let replica = Replica { cache: names.map(|name| name.map(cached)), ..Replica::default() };
        for (name, object) in objects.iter().enumerate() {
            let Some(object) = object else { continue };
            assert_eq!(replica.owns(name), claims.conflicting_owner(object, |_| true).is_none());
        }
    }
}

fn claimant(uid: u8) -> UserPoolMfaConfig {
    let spec = serde_json::json!({"userPoolId": "eu-west-1_Model", "mfaConfiguration": "OFF"});
    let mut object = UserPoolMfaConfig::new(&uid.to_string(), serde_json::from_value(spec).expect("a spec"));
    object.metadata.uid = Some(uid.to_string());
    let created = Timestamp::from_second(uid.into()).expect("a valid time");
    object.metadata.creation_timestamp = Some(Time(created));
    object
}
