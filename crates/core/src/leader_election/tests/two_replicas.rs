//! A simulation of two replicas that share one Lease over a slow and lossy network.

use proptest::prelude::*;

use super::*;

const TICK: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

/// One round of a replica. Times are in ticks.
#[derive(Clone, Copy, Debug)]
struct Round {
    /// Until a request reaches the server.
    request_delay: u32,
    /// Until the response arrives.
    response_delay: u32,
    /// Between a read and the write that follows it.
    pause: u32,
    /// Until the next round.
    wait: u32,
    response_lost: bool,
    disruption: Disruption,
}

/// What happens to the replica at the start of the round.
#[derive(Clone, Copy, Debug)]
enum Disruption {
    None,
    Crash,
    ShutDown,
}

enum Event {
    Begin,
    Read,
    ReadResponse(Option<Lease>),
    Write,
    WriteArrives(Write, Duration),
    WriteResponse(Lease, Duration),
}

/// Two candidates, one API server, and the messages between them.
struct World {
    now: u32,
    server: Option<Lease>,
    versions: u64,
    replicas: [Replica; 2],
    events: Vec<(u32, usize, Event)>,
    has_led: [bool; 2],
}

struct Replica {
    candidate: Candidate,
    restarts: u32,
    rounds: std::vec::IntoIter<Round>,
    round: Round,
    /// The tick at which its last write to the pool ends.
    writes_until: u32,
    /// Whether the replica shuts down and releases the Lease once its write has ended.
    shutting_down: bool,
}

impl Replica {
    fn new(name: &str, rounds: Vec<Round>) -> Self {
        let candidate = Candidate::new(format!("{name}-0"), timing());
        let round = Round {
            request_delay: 0,
            response_delay: 0,
            pause: 0,
            wait: 0,
            response_lost: false,
            disruption: Disruption::None,
        };
        Self {
            candidate,
            restarts: 0,
            rounds: rounds.into_iter(),
            round,
            writes_until: 0,
            shutting_down: false,
        }
    }

    /// The process ends while its write is still in flight, and another process starts.
    fn restart(&mut self) {
        self.restarts += 1;
        let name = self.candidate.identity().split('-').next().unwrap();
        self.candidate = Candidate::new(format!("{name}-{}", self.restarts), timing());
        self.shutting_down = false;
    }
}

impl World {
    fn new(rounds: [Vec<Round>; 2]) -> Self {
        let [a, b] = rounds;
        let replicas = [Replica::new("a", a), Replica::new("b", b)];
        let events = vec![(0, 0, Event::Begin), (0, 1, Event::Begin)];
        Self { now: 0, server: None, versions: 0, replicas, events, has_led: [false; 2] }
    }

    /// Runs until no replica has rounds left. Returns the replicas that have led.
    fn run(mut self) -> [bool; 2] {
        while let Some(next) = self.events.iter().map(|(at, ..)| *at).min() {
            while self.now < next {
                self.write_where_allowed();
                self.now += 1;
            }
            let due = self.events.iter().position(|(at, ..)| *at == self.now).unwrap();
            let (_, index, event) = self.events.swap_remove(due);
            self.handle(index, event);
            self.write_where_allowed();
        }
        self.has_led
    }

    /// Every replica begins a write to the pool whenever it may. Two writes are never in flight together.
    fn write_where_allowed(&mut self) {
        for index in [0, 1] {
            let (now, replica) = (TICK * self.now, &mut self.replicas[index]);
            if !replica.shutting_down && replica.candidate.may_begin(now, LONGEST) {
                replica.writes_until =
                    self.now + u32::try_from(LONGEST.as_millis() / TICK.as_millis()).unwrap();
                self.has_led[index] = true;
                assert!(self.replicas[1 - index].writes_until <= self.now, "two writes at {now:?}");
            }
        }
    }

    fn schedule(&mut self, delay: u32, index: usize, event: Event) {
        self.events.push((self.now + delay, index, event));
    }

    fn handle(&mut self, index: usize, event: Event) {
        let (now, replica) = (TICK * self.now, &mut self.replicas[index]);
        let round = replica.round;
        match event {
            Event::Begin => self.begin(index),
            Event::Read if round.response_lost => {
                self.schedule(round.response_delay + round.wait, index, Event::Begin);
            }
            Event::Read => {
                self.schedule(round.response_delay, index, Event::ReadResponse(self.server.clone()));
            }
            Event::ReadResponse(lease) => {
                replica.candidate.observe(lease, now);
                self.schedule(round.pause, index, Event::Write);
            }
            Event::Write => {
                let write = replica.candidate.claim(now, Timestamp::UNIX_EPOCH);
                if let Some(write) = write {
                    self.schedule(round.request_delay, index, Event::WriteArrives(write, now));
                }
                // The replica has a timeout: a request may arrive after the replica gave up waiting.
                self.schedule(round.response_delay + round.wait, index, Event::Begin);
            }
            Event::WriteArrives(write, began) => {
                if let Some(lease) = self.apply(write)
                    && !round.response_lost
                {
                    self.schedule(round.response_delay, index, Event::WriteResponse(lease, began));
                }
            }
            Event::WriteResponse(lease, began) => {
                let spec = lease.spec.as_ref().unwrap();
                // A response after the next request, or to an ended process, is ignored.
                if !replica.candidate.fresh
                    && spec.holder_identity.as_deref() == Some(replica.candidate.identity())
                {
                    replica.candidate.wrote(lease, began);
                }
            }
        }
    }

    fn begin(&mut self, index: usize) {
        let (now, replica) = (TICK * self.now, &mut self.replicas[index]);
        if replica.shutting_down && replica.candidate.busy_for(now).is_zero() {
            if let Some(lease) = replica.candidate.release() {
                let delay = replica.round.request_delay;
                self.schedule(delay, index, Event::WriteArrives(Write::Replace(lease), now));
            }
            self.replicas[index].restart();
        }
        let replica = &mut self.replicas[index];
        let Some(round) = replica.rounds.next() else { return };
        replica.round = round;
        match round.disruption {
            Disruption::None => {}
            Disruption::Crash => replica.restart(),
            Disruption::ShutDown => replica.shutting_down = true,
        }
        let next = if replica.candidate.must_read() { Event::Read } else { Event::Write };
        self.schedule(round.request_delay, index, next);
    }

    /// The API server's optimistic lock: a replace needs the stored resource version.
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
    let disruption = prop_oneof![12 => Just(Disruption::None), 1 => Just(Disruption::Crash), 1 => Just(Disruption::ShutDown)];
    // Most delays are short, a few are longer than the Lease's duration.
    let delay = || prop_oneof![8 => 0..5_u32, 1 => 0..200_u32];
    let round =
        (
            delay(),
            delay(),
            delay(),
            prop_oneof![8 => 16..21_u32, 1 => 0..400_u32],
            proptest::bool::weighted(0.1),
            disruption,
        )
            .prop_map(|(request_delay, response_delay, pause, wait, response_lost, disruption)| {
                Round { request_delay, response_delay, pause, wait, response_lost, disruption }
            });
    proptest::collection::vec(round, 20..80)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn two_replicas_never_write_at_the_same_time(a in rounds(), b in rounds()) {
        World::new([a, b]).run();
    }
}

#[test]
fn one_replica_leads_and_the_other_takes_over_after_a_crash() {
    let undisturbed = Round {
        request_delay: 1,
        response_delay: 1,
        pause: 0,
        wait: 18,
        response_lost: false,
        disruption: Disruption::None,
    };
    let crash = Round { disruption: Disruption::Crash, ..undisturbed };
    let stays = vec![undisturbed; 40];
    assert_eq!(
        World::new([stays.clone(), vec![undisturbed; 40]]).run().iter().filter(|has_led| **has_led).count(),
        1
    );
    let crashes = [vec![undisturbed; 20], vec![crash; 40]].concat();
    assert_eq!(World::new([crashes, stays]).run(), [true, true]);
}
