use proptest::prelude::*;

use super::*;

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn timing() -> Timing {
    Timing::new(secs(15), secs(10), secs(2)).unwrap()
}

/// A Lease as the server has it.
fn lease(holder: &str, version: u64) -> Lease {
    let spec = LeaseSpec {
        holder_identity: Some(holder.into()),
        lease_duration_seconds: Some(15),
        lease_transitions: Some(4),
        ..LeaseSpec::default()
    };
    stored(Lease { spec: Some(spec), ..Lease::default() }, version)
}

fn stored(mut lease: Lease, version: u64) -> Lease {
    lease.metadata.uid = Some("uid".into());
    lease.metadata.resource_version = Some(version.to_string());
    lease
}

fn me() -> Candidate {
    Candidate::new("me".into(), timing())
}

fn claim(candidate: &mut Candidate, now: Duration) -> Option<Write> {
    candidate.claim(now, Timestamp::UNIX_EPOCH)
}

fn written(write: Option<Write>) -> LeaseSpec {
    match write {
        Some(Write::Create(lease) | Write::Replace(lease)) => lease.spec.unwrap(),
        None => panic!("nothing is written"),
    }
}

/// One that leads since a write that began at `began`.
fn leader(began: Duration) -> Candidate {
    let mut me = me();
    me.observe(Some(lease("", 1)), began);
    let spec = written(claim(&mut me, began));
    me.wrote(stored(Lease { spec: Some(spec), ..Lease::default() }, 2), began);
    me
}

#[test]
fn a_lease_that_nobody_holds_is_taken_at_once() {
    let mut me = me();
    me.observe(Some(lease("", 1)), secs(1));
    let spec = written(claim(&mut me, secs(1)));
    assert_eq!(spec.holder_identity.as_deref(), Some("me"));
    assert_eq!((spec.lease_transitions, spec.lease_duration_seconds), (Some(5), Some(15)));
    let mut longer = lease("", 2);
    longer.spec.as_mut().unwrap().lease_duration_seconds = Some(99);
    me.observe(Some(longer), secs(2));
    assert_eq!(
        written(claim(&mut me, secs(2))).lease_duration_seconds,
        Some(15),
        "its own, not the last holder's"
    );
    assert_eq!(spec.acquire_time, spec.renew_time);
    assert!(!me.leads(secs(1)), "it leads when the server has confirmed that");
}

#[test]
fn anothers_lease_is_taken_when_it_was_seen_unchanged_for_as_long_as_it_is_good_for() {
    let mut me = me();
    me.observe(Some(lease("other", 1)), secs(100));
    assert_eq!(claim(&mut me, secs(100)), None);
    me.observe(Some(lease("other", 2)), secs(110));
    me.observe(Some(lease("other", 2)), secs(124));
    assert_eq!(claim(&mut me, secs(124)), None);
    assert_eq!(me.wait(secs(124), 0), secs(1));
    me.observe(Some(lease("other", 2)), secs(125));
    let Some(Write::Replace(taken)) = claim(&mut me, secs(125)) else { panic!("it is free") };
    assert_eq!(taken.metadata.resource_version.as_deref(), Some("2"));
}

#[test]
fn the_holders_own_word_counts_for_how_long_its_lease_is_good() {
    let mut me = me();
    let mut patient = lease("other", 1);
    patient.spec.as_mut().unwrap().lease_duration_seconds = Some(60);
    me.observe(Some(patient.clone()), secs(0));
    me.observe(Some(patient.clone()), secs(59));
    assert_eq!(claim(&mut me, secs(59)), None);
    me.observe(Some(patient), secs(60));
    assert!(claim(&mut me, secs(60)).is_some());
}

#[test]
fn a_lease_that_is_gone_is_made_when_its_last_holder_cannot_lead_any_more() {
    let mut me = me();
    me.observe(None, secs(0));
    assert_eq!(claim(&mut me, secs(0)), None);
    me.observe(None, secs(15));
    let Some(Write::Create(made)) = claim(&mut me, secs(15)) else { panic!("it is free") };
    assert_eq!(made.spec.unwrap().lease_transitions, Some(0));
}

#[test]
fn a_leader_whose_lease_was_deleted_makes_it_again() {
    let mut me = leader(secs(0));
    me.observe(None, secs(2));
    assert!(matches!(claim(&mut me, secs(2)), Some(Write::Create(_))));
}

#[test]
fn a_renewal_keeps_who_and_since_when() {
    let mut me = leader(secs(0));
    let before = me.seen.clone().unwrap().lease.unwrap().spec.unwrap();
    assert!(!me.must_read());
    let renewed = me.claim(secs(2), Timestamp::UNIX_EPOCH + secs(2));
    let Some(Write::Replace(lease)) = &renewed else { panic!("a leader renews") };
    assert_eq!(lease.metadata.resource_version.as_deref(), Some("2"));
    let after = written(renewed);
    assert_eq!(
        (&after.acquire_time, after.lease_transitions),
        (&before.acquire_time, before.lease_transitions)
    );
    assert_ne!(after.renew_time, before.renew_time);
}

#[test]
fn a_write_that_was_not_confirmed_is_followed_by_a_look() {
    let mut me = leader(secs(0));
    assert!(claim(&mut me, secs(2)).is_some());
    assert!(me.must_read());
    assert_eq!(claim(&mut me, secs(4)), None);
    assert!(me.leads(secs(4)), "one lost answer ends nothing");
}

#[test]
fn a_leader_counts_from_before_its_renewal_and_stops_at_the_deadline() {
    let me = leader(secs(100));
    assert!(me.leads(secs(109)));
    assert!(!me.leads(secs(110)));
}

#[test]
fn work_begins_only_when_the_lease_outlasts_it() {
    let mut me = leader(secs(100));
    for (now, longest, may) in
        [(100, 15, true), (100, 16, false), (105, 10, true), (106, 10, false), (110, 1, false)]
    {
        assert_eq!(me.may_begin(secs(now), secs(longest)), may, "{now} {longest}");
    }
    assert_eq!(me.busy_for(secs(110)), secs(5));
}

#[test]
fn a_leader_that_sees_another_holder_stops_at_once() {
    let mut me = leader(secs(0));
    me.observe(Some(lease("other", 3)), secs(1));
    assert!(!me.leads(secs(1)));
    assert_eq!(me.holder(), Some("other"));
}

#[test]
fn a_released_lease_has_no_holder_and_its_former_leader_begins_nothing() {
    let mut me = leader(secs(0));
    let released = me.release().unwrap();
    assert_eq!(released.metadata.resource_version.as_deref(), Some("2"));
    assert_eq!(released.spec.unwrap().holder_identity, None);
    assert!(!me.leads(secs(0)) && !me.may_begin(secs(0), secs(1)));
}

#[test]
fn what_is_not_known_to_be_ones_own_is_not_released() {
    assert_eq!(me().release(), None);
    let mut unsure = leader(secs(0));
    claim(&mut unsure, secs(2));
    assert_eq!(unsure.release(), None);
    let mut former = leader(secs(0));
    former.observe(Some(lease("other", 3)), secs(1));
    assert_eq!(former.release(), None);
}

#[test]
fn a_term_ends_when_another_has_led_and_not_before() {
    let mut me = leader(secs(0));
    let term = me.term();
    let spec = written(claim(&mut me, secs(60)));
    me.wrote(stored(Lease { spec: Some(spec), ..Lease::default() }, 3), secs(60));
    assert_eq!(me.term(), term, "the same lease, renewed late");
    let mut others = lease("other", 4);
    others.spec.as_mut().unwrap().lease_transitions = Some(6);
    me.observe(Some(others.clone()), secs(70));
    me.observe(Some(others), secs(90));
    let spec = written(claim(&mut me, secs(90)));
    me.wrote(stored(Lease { spec: Some(spec), ..Lease::default() }, 5), secs(90));
    assert_ne!(me.term(), term);
}

#[test]
fn times_that_do_not_fit_are_refused_with_what_to_write() {
    for (duration, deadline, retry, words) in [
        (13_000, 10_000, 2_000, "--lease-duration 13s is too short"),
        (15_500, 10_000, 2_000, "whole seconds"),
        (15_000, 4_000, 2_000, "more than twice --lease-retry-period"),
        (15_000, 10_000, 0, "more than nothing"),
    ] {
        let [duration, deadline, retry] = [duration, deadline, retry].map(Duration::from_millis);
        let error = Timing::new(duration, deadline, retry).unwrap_err();
        assert!(error.contains(words), "{error}");
    }
}

/// A tick is a tenth of a second.
const TICK: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

/// How one round goes: ticks until a request reaches the server, until its answer comes back, until the next round,
/// and whether the answer is lost. A tick more, and the candidate stands still between a look and a write.
#[derive(Clone, Copy, Debug)]
struct Round {
    there: u32,
    back: u32,
    still: u32,
    wait: u32,
    lost: bool,
    end: End,
}

/// What a round ends with.
#[derive(Clone, Copy, Debug)]
enum End {
    Goes,
    Crashes,
    Releases,
}

enum Event {
    Begin,
    Read,
    Saw(Option<Lease>),
    Write,
    Arrive(Write, Duration),
    Wrote(Lease, Duration),
}

/// Two candidates, one server, and what is on its way between them.
struct World {
    now: u32,
    server: Option<Lease>,
    versions: u64,
    replicas: [Replica; 2],
    events: Vec<(u32, usize, Event)>,
    led: [bool; 2],
}

struct Replica {
    candidate: Candidate,
    lives: u32,
    rounds: std::vec::IntoIter<Round>,
    round: Round,
    /// The ticks at which its last Set is over, as the pool sees it.
    set_until: u32,
    leaving: bool,
}

impl Replica {
    fn new(name: &str, rounds: Vec<Round>) -> Self {
        let candidate = Candidate::new(format!("{name}-0"), timing());
        let round = Round { there: 0, back: 0, still: 0, wait: 0, lost: false, end: End::Goes };
        Self { candidate, lives: 0, rounds: rounds.into_iter(), round, set_until: 0, leaving: false }
    }

    /// The process ends, with its Set still on its way, and another begins.
    fn restart(&mut self) {
        self.lives += 1;
        let name = self.candidate.identity().split('-').next().unwrap();
        self.candidate = Candidate::new(format!("{name}-{}", self.lives), timing());
        self.leaving = false;
    }
}

impl World {
    fn new(rounds: [Vec<Round>; 2]) -> Self {
        let [a, b] = rounds;
        let replicas = [Replica::new("a", a), Replica::new("b", b)];
        let events = vec![(0, 0, Event::Begin), (0, 1, Event::Begin)];
        Self { now: 0, server: None, versions: 0, replicas, events, led: [false; 2] }
    }

    /// Runs until nobody has rounds left. Returns who led at some time.
    fn run(mut self) -> [bool; 2] {
        while let Some(next) = self.events.iter().map(|(at, ..)| *at).min() {
            while self.now < next {
                self.set_where_allowed();
                self.now += 1;
            }
            let due = self.events.iter().position(|(at, ..)| *at == self.now).unwrap();
            let (_, who, event) = self.events.swap_remove(due);
            self.take(who, event);
            self.set_where_allowed();
        }
        self.led
    }

    /// Every replica begins a Set whenever it may. No two Sets are ever under way together.
    fn set_where_allowed(&mut self) {
        for who in [0, 1] {
            let (now, replica) = (TICK * self.now, &mut self.replicas[who]);
            if !replica.leaving && replica.candidate.may_begin(now, LONGEST) {
                replica.set_until = self.now + u32::try_from(LONGEST.as_millis() / TICK.as_millis()).unwrap();
                self.led[who] = true;
                assert!(self.replicas[1 - who].set_until <= self.now, "two Sets at {now:?}");
            }
        }
    }

    fn take(&mut self, who: usize, event: Event) {
        let (at, now, replica) = (self.now, TICK * self.now, &mut self.replicas[who]);
        let round = replica.round;
        match event {
            Event::Begin => self.begin(who),
            Event::Read if round.lost => self.events.push((at + round.back + round.wait, who, Event::Begin)),
            Event::Read => self.events.push((at + round.back, who, Event::Saw(self.server.clone()))),
            Event::Saw(lease) => {
                replica.candidate.observe(lease, now);
                self.events.push((at + round.still, who, Event::Write));
            }
            Event::Write => {
                let write = replica.candidate.claim(now, Timestamp::UNIX_EPOCH);
                if let Some(write) = write {
                    self.events.push((at + round.there, who, Event::Arrive(write, now)));
                }
                // It does not wait for the answer for ever: a request may arrive after it was given up.
                self.events.push((at + round.back + round.wait, who, Event::Begin));
            }
            Event::Arrive(write, began) => {
                if let Some(lease) = self.apply(write)
                    && !round.lost
                {
                    self.events.push((at + round.back, who, Event::Wrote(lease, began)));
                }
            }
            Event::Wrote(lease, began) => {
                let spec = lease.spec.as_ref().unwrap();
                // An answer after the next request, or to a process that has ended, is not heard.
                if !replica.candidate.fresh
                    && spec.holder_identity.as_deref() == Some(replica.candidate.identity())
                {
                    replica.candidate.wrote(lease, began);
                }
            }
        }
    }

    fn begin(&mut self, who: usize) {
        let (at, now, replica) = (self.now, TICK * self.now, &mut self.replicas[who]);
        if replica.leaving && replica.candidate.busy_for(now).is_zero() {
            if let Some(lease) = replica.candidate.release() {
                self.events.push((at + replica.round.there, who, Event::Arrive(Write::Replace(lease), now)));
            }
            self.replicas[who].restart();
        }
        let replica = &mut self.replicas[who];
        let Some(round) = replica.rounds.next() else { return };
        replica.round = round;
        match round.end {
            End::Goes => {}
            End::Crashes => replica.restart(),
            End::Releases => replica.leaving = true,
        }
        let next = if replica.candidate.must_read() { Event::Read } else { Event::Write };
        self.events.push((at + round.there, who, next));
    }

    /// The server's compare-and-swap.
    fn apply(&mut self, write: Write) -> Option<Lease> {
        let lease = match (write, &self.server) {
            (Write::Create(lease), None) => lease,
            (Write::Replace(lease), Some(current)) if version(Some(&lease)) == version(Some(current)) => {
                lease
            }
            _ => return None,
        };
        self.versions += 1;
        self.server = Some(stored(lease, self.versions));
        self.server.clone()
    }
}

fn rounds() -> impl Strategy<Value = Vec<Round>> {
    let end = prop_oneof![12 => Just(End::Goes), 1 => Just(End::Crashes), 1 => Just(End::Releases)];
    // Mostly quick, at times longer than the whole lease.
    let delay = || prop_oneof![8 => 0..5_u32, 1 => 0..200_u32];
    let round = (
        delay(),
        delay(),
        delay(),
        prop_oneof![8 => 16..21_u32, 1 => 0..400_u32],
        proptest::bool::weighted(0.1),
        end,
    )
        .prop_map(|(there, back, still, wait, lost, end)| Round { there, back, still, wait, lost, end });
    proptest::collection::vec(round, 20..80)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn two_candidates_never_have_a_set_under_way_together(a in rounds(), b in rounds()) {
        World::new([a, b]).run();
    }
}

#[test]
fn in_quiet_times_one_candidate_leads_and_the_other_follows_its_crash() {
    let quiet = Round { there: 1, back: 1, still: 0, wait: 18, lost: false, end: End::Goes };
    let crash = Round { end: End::Crashes, ..quiet };
    let stays = vec![quiet; 40];
    assert_eq!(World::new([stays.clone(), vec![quiet; 40]]).run().iter().filter(|led| **led).count(), 1);
    let crashes = [vec![quiet; 20], vec![crash; 40]].concat();
    assert_eq!(World::new([crashes, stays]).run(), [true, true]);
}
