//! The actions, and the state after each of them.

mod environment;
mod lease;
mod reconciliation;
mod response;
mod status_write;

pub use reconciliation::still_planned;

use crate::{
    decisions::Decisions,
    guards::Guards,
    world::{DEAD, Process, World},
};

/// An action. Where it has a replica and an object, the replica's number comes before the object's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// A tick passes for all.
    Tick,
    /// Somebody edits a spec.
    Edit(usize),
    /// Somebody deletes an object.
    Delete(usize),
    /// Somebody creates an object.
    Create(usize),
    /// Somebody else changes the pool.
    Drift,
    /// A replica reads the Lease if it must, and writes it if it may.
    TryLease(usize),
    /// Like `TryLease`, but the write stays in flight.
    BeginTryLease(usize),
    /// The API server processes a write of the Lease. The flag says whether the replica receives the response.
    StoreLease(usize, bool),
    /// A process crashes, and another one starts in its place.
    Crash(usize),
    /// A process receives SIGTERM.
    Stop(usize),
    /// A process releases the Lease.
    Release(usize),
    /// A watch shows the current version of an object.
    Observe(usize, usize),
    /// A reconciliation begins: the pool is read.
    Read(usize, usize),
    /// A reconciliation begins: the read of the pool fails.
    FailRead(usize, usize),
    /// The object is read again.
    Recheck(usize, usize),
    /// The lease and the ownership are checked, and the write waits for its turn.
    CheckGuards(usize, usize),
    /// The turn of the write comes.
    GrantTurn(usize, usize),
    /// The turn of the write does not come in time. The write is due, and the reconciliation ends.
    EndWriteDue(usize, usize),
    /// The write is sent.
    Send(usize, usize),
    /// Cognito applies a write.
    Apply(usize),
    /// The response to a write is received.
    ReceiveResponse(usize, usize),
    /// The response to a write is lost, or the client's timeout is over.
    LoseResponse(usize, usize),
    /// The status is written.
    WriteStatus(usize, usize),
    /// The lease is checked, and then the process is suspended before it writes the status.
    BeginStatusWrite(usize, usize),
    /// The status cannot be written now. The run ends, and keeps the outcome of a write that Cognito may have accepted.
    KeepStatus(usize, usize),
    /// A kept outcome is dropped, because the replica does not lead any more.
    DropStatus(usize, usize),
    /// The suspended process goes on and writes the status.
    FinishStatusWrite(usize, usize),
}

/// The rules of a scenario.
pub struct Rules<'a> {
    /// The guards that are on.
    pub guards: Guards,
    /// Whether Cognito keeps a setting that is not declared.
    pub keeps_more: bool,
    /// The core's decisions.
    pub decisions: &'a Decisions,
}

impl World {
    /// The state after the action. None if the action is impossible or changes nothing.
    #[must_use]
    pub fn after(mut self, action: Action, rules: &Rules) -> Option<Self> {
        let before = self;
        self.take(action, rules)?;
        self.normalize();
        (self != before).then_some(self)
    }

    fn take(&mut self, action: Action, rules: &Rules) -> Option<()> {
        match action {
            Action::Tick => self.tick(rules),
            Action::Edit(name) => self.edit(name),
            Action::Delete(name) => self.delete(name),
            Action::Create(name) => self.create(name),
            Action::Drift => self.drift(),
            Action::TryLease(replica) => self.try_lease(replica, rules),
            Action::BeginTryLease(replica) => self.begin_try_lease(replica),
            Action::StoreLease(replica, answered) => self.store_lease(replica, answered, rules),
            Action::Crash(replica) => self.crash(replica),
            Action::Stop(replica) => self.stop(replica),
            Action::Release(replica) => self.release(replica, rules),
            Action::Observe(replica, name) => self.observe(replica, name),
            Action::Read(replica, name) => self.read(replica, name, rules),
            Action::FailRead(replica, name) => self.fail_read(replica, name, rules),
            Action::Recheck(replica, name) => self.recheck(replica, name, rules),
            Action::CheckGuards(replica, name) => self.check_guards(replica, name, rules),
            Action::GrantTurn(replica, name) => self.grant_turn(replica, name),
            Action::EndWriteDue(replica, name) => self.end_write_due(replica, name),
            Action::Send(replica, name) => self.send(replica, name, rules),
            Action::Apply(write) => self.apply(write, rules),
            Action::ReceiveResponse(replica, name) => self.receive_response(replica, name),
            Action::LoseResponse(replica, name) => self.lose_response(replica, name),
            Action::WriteStatus(replica, name) => self.write_status(replica, name, rules),
            Action::BeginStatusWrite(replica, name) => self.begin_status_write(replica, name, rules),
            Action::KeepStatus(replica, name) => self.keep_status(replica, name, rules),
            Action::DropStatus(replica, name) => self.drop_status(replica, name),
            Action::FinishStatusWrite(replica, name) => self.finish_status_write(replica, name, rules),
        }
    }

    /// Maps equivalent states to one of them. The order of the replicas makes no difference, and neither does the end of
    /// the allowed work of a process that will never be stopped.
    fn normalize(&mut self) {
        for replica in &mut self.replicas {
            if self.allowed.stops == 0 && !replica.stopping {
                replica.election.busy = 0;
            }
        }
        if self.replicas[0] > self.replicas[1] {
            self.replicas.swap(0, 1);
            let swap = |process: &mut Process| *process = [1, 0, DEAD][usize::from(*process)];
            self.lease.iter_mut().for_each(swap);
            self.writes.iter_mut().flatten().for_each(|write| swap(&mut write.by));
        }
        self.writes.sort_unstable();
    }
}

/// The process that runs as a replica.
fn process(replica: usize) -> Process {
    Process::try_from(replica).expect("0 or 1")
}
