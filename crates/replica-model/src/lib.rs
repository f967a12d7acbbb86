//! A model of two replicas of the operator. The model checker stateright visits every state of it and looks for violations:
//!
//! - Cognito applies a write after one of a newer generation, or after one of the object that succeeded it.
//! - A replica sends a write although its lease has expired, or Cognito applies it while another replica holds the Lease.
//! - A replica repeats a write that was accepted and reported, although nobody changed the pool.
//! - A replica overwrites somebody else's change of the pool with a write that was planned before it, on a read older than
//!   [`world::LONGEST_LOOK`]. On a younger read this may happen, because Cognito has no compare-and-swap.
//!
//! `tests/necessary_guards.rs` shows that no violation is reachable, and that one is reachable without any single guard
//! ([`guards`]) but the early checks of the lease.
//!
//! # What is modelled
//! - **Time** in ticks. Any time may pass between two steps of a process, because a process may be slow or suspended.
//!   An age stops growing where more age makes no difference, so the number of states is finite.
//! - **The API server**: compare-and-swap of the Lease and of an object's status, deletions, a second object of the same
//!   pool, and an object recreated under the same name. Watches lag by any time and skip the versions in between.
//! - **The election** of `core/src/leader_election/` ([`election`]). A write of the Lease may be slow, and its response may
//!   be lost.
//! - **A reconciliation** in the steps of `controller/reconcile/sync.rs`, `aws/read_plan_write.rs`, `aws/client.rs` and
//!   `controller/reconcile/finish.rs`:
//!   1. It reads the pool and plans.
//!   2. It reads the object again, checks the lease, and waits for the turn of its write.
//!   3. If the turn does not come in time, it ends as write due. Another reconciliation may start then.
//!   4. It checks the lease once more and sends the write. If the turn has passed by then, it goes back to step 2.
//!   5. It receives or loses the response.
//!   6. It checks the lease and writes the status; after a conflict it writes the status again. If it cannot write the
//!      status, it keeps the outcome, and a later run writes it.
//! - **The queue** of `core/src/schedule/queue/`, as far as one pool is concerned. A reconciliation reserves the pool from
//!   its start until its status is written or kept. A write of unknown result blocks the pool from then on.
//! - **Cognito**: it applies a write at some time within the client's timeout, even if the client has died. It may keep
//!   settings that were not declared.
//! - **The environment**: edits, drift, deletion and creation, a crash at any step, SIGTERM with the release of the Lease,
//!   lost responses and failed reads. Each scenario allows some of them, a limited number of times.
//!
//! The core itself decides what a reconciliation plans and what a status remembers, on real objects ([`decisions`]).
//! `tests/matches_core.rs` compares the parts that the model reimplements with the core: the candidate, the comparison of
//! two objects, and ownership.
//!
//! # What is not modelled
//! - Clocks that run at different rates: one tick passes for all. The protocol assumes this, as client-go does.
//! - A write that Cognito applies after the client's timeout: nobody knows a bound for that.
//! - More than two replicas, two objects of a pool, or one pool. Reconciliations of different pools share only the lease.
//! - The time that an answer to a read is under way: it shows the pool as it is when it arrives.
//! - A turn that lasts longer because earlier ones of the same call have passed (`CallTurn::valid_until`).
//! - A cancelled reconciliation. The model lets it go on, so no promise depends on the cancellation.
//! - A reconciliation that panics, and a write of the status whose response is lost.
//! - Refused writes, unknown settings, adoptions on hold (every object says Overwrite), suspension and Observe. They
//!   concern a single replica and are tested in `crates/core/tests`.
//! - Liveness: the model shows that a scenario can finish, not that it must.
//! - A process without an election. It starts again without waiting, so a write of its predecessor may be applied after
//!   its own.

pub mod decisions;
pub mod election;
pub mod guards;
pub mod scenario;
pub mod steps;
pub mod world;
