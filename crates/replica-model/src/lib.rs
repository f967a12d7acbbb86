//! A model of two replicas of the operator, whose every state is looked at (by stateright) for what must not happen:
//!
//! - a Set is done after one of a newer generation, or of the object that followed;
//! - a Set is sent by a replica whose lease has passed, or done while the Lease is another's;
//! - a Set is sent again that was accepted and told, though nobody touched the pool.
//!
//! `tests/guards.rs` says that none of it happens, and that it does when any one guard is taken away ([`guards`]).
//!
//! # What is modelled
//! - **Time** in ticks. Between any two steps of a process any time may pass: it may be slow or suspended. Ages stop
//!   where nothing changes any more, so there is no end to a run.
//! - **The API server**: compare-and-swap of the Lease and of the object's status; deletions; a second object of the
//!   same pool, or one made anew under the same name. Watches lag by any time and skip what they missed.
//! - **The election** as the core's `leader_election` has it ([`election`]): a write of the Lease may be slow, and its
//!   answer lost.
//! - **A pass** in the steps of `src/controller/reconcile/sync.rs`, `src/aws/read_plan_write.rs` and
//!   `src/controller/reconcile/finish.rs`: read the pool, plan, read the object again, ask the lease, send (and ask it
//!   again), hear or lose the answer, ask the lease, write the status and after a conflict write it again.
//! - **Cognito**: a Set is done some time after it was sent, within the time that its client waits, whatever becomes of
//!   the client. It may keep something beside what was declared.
//! - **What else happens**: edits, drift by a hand, deletion and creation, a crash at any step, SIGTERM and the release
//!   of the Lease, lost answers, failed Gets. Each scene allows some of them, so often.
//!
//! What a pass plans and what a status remembers is asked of the core itself, with real objects ([`decisions`]). What is
//! modelled in numbers is held against the core in `tests/ties.rs`: the candidate, the guard's comparison of two
//! objects, ownership, the bar.
//!
//! # What is not
//! - Clocks that run at different rates: all ticks are for all. The protocol takes that for granted, as client-go does.
//! - A Set that Cognito does after its client's time is over: nobody knows a bound on that.
//! - More than one spare replica, more than two objects of a pool, more than one pool: passes over different pools share
//!   nothing but the lease.
//! - Refused Sets, unknown settings, holding at adoption (every object says Overwrite), suspension and Observe: those are
//!   one replica's matter (`crates/core/tests/decisions`).
//! - That something happens at last: the model shows that it can, not that it must.
//! - A process without an election. It starts again without waiting, and the Set that its predecessor sent may be done
//!   after its own.

pub mod decisions;
pub mod election;
pub mod guards;
pub mod scene;
pub mod steps;
pub mod world;
