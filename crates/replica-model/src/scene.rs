//! Where a check begins, and what may happen in it.

use std::sync::Arc;

use stateright::{Checker, HasDiscoveries, Model, Property};

use crate::{
    decisions::Decisions,
    guards::Guards,
    steps::{Action, Rules},
    world::{Allowed, Broken, Decl, Live, Memory, Object, Replica, World},
};

/// A scene. Each is small enough to be looked at whole.
#[derive(Clone)]
pub struct Scene {
    /// How many objects there are at first, all for one pool.
    pub objects: u8,
    /// What may happen.
    pub allowed: Allowed,
    /// Whether Cognito keeps something beside every declaration.
    pub keeps: bool,
    /// The guards that are there.
    pub guards: Guards,
    /// What the core decides.
    pub decisions: Arc<Decisions>,
}

/// Nothing happens but what the operator does.
pub const QUIET: Allowed = Allowed {
    edits: 0,
    deletions: 0,
    creations: 0,
    drifts: 0,
    crashes: 0,
    stops: 0,
    losses: 0,
    failures: 0,
    slow_leases: 0,
    slow_tellings: 0,
};

impl Scene {
    /// A scene with all guards.
    #[must_use]
    pub fn new(objects: u8, keeps: bool, allowed: Allowed) -> Self {
        Self { objects, allowed, keeps, guards: Guards::ALL, decisions: Arc::default() }
    }

    /// The same with other guards.
    #[must_use]
    pub fn with(&self, guards: Guards) -> Self {
        Self { guards, ..self.clone() }
    }

    /// Looks at every state, or at those before the first in which something goes wrong.
    ///
    /// # Panics
    /// Never: what breaks the property says how.
    #[must_use]
    pub fn check(self) -> Checked {
        let checker = self.checker().finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
        let broken = checker.discovery(NOTHING_WRONG).map(|path| {
            let broken = path.last_state().broken.expect("what the property is about");
            (broken, path.into_actions())
        });
        let ends_well = checker.discovery(ENDS_WELL).is_some();
        Checked { broken, ends_well, states: checker.unique_state_count() }
    }
}

/// What a check found.
#[derive(Debug)]
pub struct Checked {
    /// The first thing that goes wrong, and the shortest way there.
    pub broken: Option<(Broken, Vec<Action>)>,
    /// Whether all that may happen can happen, and the newest declaration is set and told after it.
    pub ends_well: bool,
    /// How many states there were.
    pub states: usize,
}

const NOTHING_WRONG: &str = "nothing goes wrong";
const ENDS_WELL: &str = "after all that may happen the newest declaration is set and told";

impl Model for Scene {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        let object = |uid| Object { decl: Decl { uid, generation: 1 }, memory: Memory::default() };
        let objects = [Some(object(0)), (self.objects > 1).then(|| object(1))];
        let replica = Replica { cache: objects, ..Replica::default() };
        vec![World {
            replicas: [replica; 2],
            lease: None,
            objects,
            next_uid: self.objects,
            live: Live::Start,
            sets: [None; 3],
            newest: None,
            told: None,
            broken: None,
            allowed: self.allowed,
        }]
    }

    fn actions(&self, _: &World, actions: &mut Vec<Action>) {
        use Action::{
            Again, Arrive, Clear, Crash, Create, Delete, Do, Drift, Edit, Fail, Forget, Hear, Lose, Observe,
            Read, Release, Send, Stop, Tell, TellSlowly, Tick, Try, TrySlowly, Write,
        };
        actions.extend([Tick, Drift, Do(0), Do(1), Do(2)]);
        for name in 0..usize::from(self.objects) {
            actions.extend([Edit(name), Delete(name), Create(name)]);
        }
        for who in [0, 1] {
            actions.extend([
                Try(who),
                TrySlowly(who),
                Arrive(who, true),
                Arrive(who, false),
                Crash(who),
                Stop(who),
                Release(who),
            ]);
            for name in 0..usize::from(self.objects) {
                let pass =
                    [Observe, Read, Fail, Again, Clear, Send, Hear, Lose, Tell, TellSlowly, Forget, Write];
                actions.extend(pass.map(|step| step(who, name)));
            }
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let rules = Rules { guards: self.guards, keeps: self.keeps, decisions: &self.decisions };
        world.broken.is_none().then(|| world.after(action, &rules))?
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let ends_well = |_: &Self, world: &World| {
            let newest = world.objects.iter().flatten().map(|object| object.decl).min_by_key(|decl| decl.uid);
            world.allowed == QUIET && newest.is_some() && world.told == newest
        };
        vec![
            Property::always(NOTHING_WRONG, |_, world: &World| world.broken.is_none()),
            Property::sometimes(ENDS_WELL, ends_well),
        ]
    }
}
