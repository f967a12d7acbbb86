//! What may happen next, and what that makes of the state.

mod around;
mod leading;
mod passing;

pub use passing::still_planned;

use crate::{
    decisions::Decisions,
    guards::Guards,
    world::{DEAD, Process, World},
};

/// One thing that may happen. The first number is the replica, the second the object's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Time passes, for all.
    Tick,
    /// Somebody edits a spec.
    Edit(usize),
    /// Somebody deletes an object.
    Delete(usize),
    /// Somebody makes an object.
    Create(usize),
    /// A hand changes the pool.
    Drift,
    /// A replica looks at the Lease where it must, and writes it where it may.
    Try(usize),
    /// The same, and its write takes its time.
    TrySlowly(usize),
    /// Its write reaches the server; whether it hears the answer.
    Arrive(usize, bool),
    /// A process ends at once, and another begins in its place.
    Crash(usize),
    /// A process is asked to stop.
    Stop(usize),
    /// It hands the Lease over.
    Release(usize),
    /// A watch shows an object as it is now.
    Observe(usize, usize),
    /// A pass begins: the pool is read.
    Read(usize, usize),
    /// A pass begins: the pool cannot be read.
    Fail(usize, usize),
    /// The object is read again.
    Again(usize, usize),
    /// The guards are asked.
    Clear(usize, usize),
    /// The Set is sent.
    Send(usize, usize),
    /// Cognito does a Set.
    Do(usize),
    /// Its answer is heard.
    Hear(usize, usize),
    /// Its answer is lost, or the client does not wait longer.
    Lose(usize, usize),
    /// The status is written.
    Tell(usize, usize),
    /// The process asks whether it may write the status, and then stands still.
    TellSlowly(usize, usize),
    /// The outcome is never told.
    Forget(usize, usize),
    /// The process goes on, and writes.
    Write(usize, usize),
}

/// The rules by which a state follows a state.
pub struct Rules<'a> {
    /// The guards that are there.
    pub guards: Guards,
    /// Whether Cognito keeps something beside every declaration.
    pub keeps: bool,
    /// What the core decides.
    pub decisions: &'a Decisions,
}

impl World {
    /// The state after the action; None when it cannot happen, or changes nothing.
    #[must_use]
    pub fn after(mut self, action: Action, rules: &Rules) -> Option<Self> {
        let before = self;
        self.take(action, rules)?;
        self.make_plain();
        (self != before).then_some(self)
    }

    fn take(&mut self, action: Action, rules: &Rules) -> Option<()> {
        match action {
            Action::Tick => self.tick(),
            Action::Edit(name) => self.edit(name),
            Action::Delete(name) => self.delete(name),
            Action::Create(name) => self.create(name),
            Action::Drift => self.drift(),
            Action::Try(who) => self.try_lease(who, rules),
            Action::TrySlowly(who) => self.try_lease_slowly(who),
            Action::Arrive(who, heard) => self.arrive(who, heard, rules),
            Action::Crash(who) => self.crash(who),
            Action::Stop(who) => self.stop(who),
            Action::Release(who) => self.release(who, rules),
            Action::Observe(who, name) => self.observe(who, name),
            Action::Read(who, name) => self.read(who, name, rules),
            Action::Fail(who, name) => self.fail(who, name, rules),
            Action::Again(who, name) => self.again(who, name, rules),
            Action::Clear(who, name) => self.clear(who, name, rules),
            Action::Send(who, name) => self.send(who, name, rules),
            Action::Do(set) => self.done(set, rules),
            Action::Hear(who, name) => self.hear(who, name),
            Action::Lose(who, name) => self.lose(who, name, rules),
            Action::Tell(who, name) => self.tell(who, name, rules),
            Action::TellSlowly(who, name) => self.tell_slowly(who, name, rules),
            Action::Forget(who, name) => self.forget(who, name),
            Action::Write(who, name) => self.write(who, name, rules),
        }
    }

    /// One state for all that differ in nothing that matters: which replica is which, and when the allowed work of a
    /// process is over that will never be asked to stop.
    fn make_plain(&mut self) {
        for replica in &mut self.replicas {
            if self.allowed.stops == 0 && !replica.leaving {
                replica.election.busy = 0;
            }
        }
        if self.replicas[0] > self.replicas[1] {
            self.replicas.swap(0, 1);
            let other = |process: &mut Process| *process = [1, 0, DEAD][usize::from(*process)];
            self.lease.iter_mut().for_each(other);
            self.sets.iter_mut().flatten().for_each(|set| other(&mut set.by));
        }
        self.sets.sort_unstable();
    }
}

/// The process that runs as a replica.
fn process(who: usize) -> Process {
    Process::try_from(who).expect("0 or 1")
}
