//! Scenarios: the initial state of a check, and the events that may happen in it.

use std::sync::Arc;

use stateright::{Checker, HasDiscoveries, Model, Property};

use crate::{
    decisions::Decisions,
    guards::Guards,
    steps::{Action, Rules},
    world::{Allowed, Declaration, Memory, Object, PoolState, Replica, Violation, World},
};

/// A scenario. Each is small enough for a visit of all its states.
#[derive(Clone)]
pub struct Scenario {
    /// The number of initial objects, all of the same pool.
    pub objects: u8,
    /// The events that may happen.
    pub allowed: Allowed,
    /// Whether Cognito keeps a setting that is not declared.
    pub keeps_more: bool,
    /// The guards that are on.
    pub guards: Guards,
    /// The core's decisions.
    pub decisions: Arc<Decisions>,
}

/// No event outside the operator happens.
pub const QUIET: Allowed = Allowed {
    edits: 0,
    deletions: 0,
    creations: 0,
    drifts: 0,
    crashes: 0,
    stops: 0,
    lost_responses: 0,
    failed_reads: 0,
    slow_lease_writes: 0,
    slow_status_writes: 0,
};

impl Scenario {
    /// A scenario with all guards on.
    #[must_use]
    pub fn new(objects: u8, keeps_more: bool, allowed: Allowed) -> Self {
        Self { objects, allowed, keeps_more, guards: Guards::ALL, decisions: Arc::default() }
    }

    /// The same scenario with these guards.
    #[must_use]
    pub fn with(&self, guards: Guards) -> Self {
        Self { guards, ..self.clone() }
    }

    /// Visits every state, or every state up to the first violation.
    ///
    /// # Panics
    /// Never: a state that fails the property has a violation.
    #[must_use]
    pub fn check(self) -> CheckResult {
        let checker = self.checker().finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
        let violation = checker.discovery(NO_VIOLATION).map(|path| {
            let violation = path.last_state().violation.expect("the property failed");
            (violation, path.into_actions())
        });
        let can_finish = checker.discovery(CAN_FINISH).is_some();
        CheckResult { violation, can_finish, states: checker.unique_state_count() }
    }
}

/// The result of a check.
#[derive(Debug)]
pub struct CheckResult {
    /// The first violation, and the shortest sequence of actions that leads to it.
    pub violation: Option<(Violation, Vec<Action>)>,
    /// Whether all allowed events can happen and the newest declaration can be applied and reported after them.
    pub can_finish: bool,
    /// The number of visited states.
    pub states: usize,
}

const NO_VIOLATION: &str = "there is no violation";
const CAN_FINISH: &str = "after all allowed events the newest declaration is applied and reported";

impl Model for Scenario {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        let object =
            |uid| Object { declaration: Declaration { uid, generation: 1 }, memory: Memory::default() };
        let objects = [Some(object(0)), (self.objects > 1).then(|| object(1))];
        let replica = Replica { cache: objects, ..Replica::default() };
        vec![World {
            replicas: [replica; 2],
            lease: None,
            objects,
            next_uid: self.objects,
            pool: PoolState::Initial,
            writes: [None; 3],
            newest: None,
            reported: None,
            violation: None,
            allowed: self.allowed,
        }]
    }

    fn actions(&self, _: &World, actions: &mut Vec<Action>) {
        actions.extend([Action::Tick, Action::Drift, Action::Apply(0), Action::Apply(1), Action::Apply(2)]);
        for name in 0..usize::from(self.objects) {
            actions.extend([Action::Edit(name), Action::Delete(name), Action::Create(name)]);
        }
        for replica in [0, 1] {
            actions.extend([
                Action::TryLease(replica),
                Action::BeginTryLease(replica),
                Action::StoreLease(replica, true),
                Action::StoreLease(replica, false),
                Action::Crash(replica),
                Action::Stop(replica),
                Action::Release(replica),
            ]);
            for name in 0..usize::from(self.objects) {
                actions.extend(RECONCILIATION.map(|step| step(replica, name)));
            }
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let rules = Rules { guards: self.guards, keeps_more: self.keeps_more, decisions: &self.decisions };
        world.violation.is_none().then(|| world.after(action, &rules))?
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let can_finish = |_: &Self, world: &World| {
            let declarations = world.objects.iter().flatten().map(|object| object.declaration);
            let newest = declarations.min_by_key(|declaration| declaration.uid);
            world.allowed == QUIET && newest.is_some() && world.reported == newest
        };
        vec![
            Property::always(NO_VIOLATION, |_, world: &World| world.violation.is_none()),
            Property::sometimes(CAN_FINISH, can_finish),
        ]
    }
}

const RECONCILIATION: [fn(usize, usize) -> Action; 15] = [
    Action::Observe,
    Action::Read,
    Action::FailRead,
    Action::Recheck,
    Action::CheckGuards,
    Action::GrantTurn,
    Action::EndWriteDue,
    Action::Send,
    Action::ReceiveResponse,
    Action::LoseResponse,
    Action::WriteStatus,
    Action::BeginStatusWrite,
    Action::KeepStatus,
    Action::DropStatus,
    Action::FinishStatusWrite,
];
