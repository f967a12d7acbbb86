//! With all guards nothing goes wrong, and without any one of them something does.

use replica_model::{
    guards::Guards,
    scene::{QUIET, Scene},
    world::{Allowed, Broken},
};

/// One spec that is edited.
fn edited() -> Scene {
    Scene::new(1, false, Allowed { edits: 1, ..QUIET })
}

/// The same, and the answer of a Set is lost that may still be done.
fn lost() -> Scene {
    Scene::new(1, false, Allowed { edits: 1, losses: 1, ..QUIET })
}

/// The same, and a process is asked to stop.
fn stopped() -> Scene {
    Scene::new(1, false, Allowed { edits: 1, stops: 1, ..QUIET })
}

/// One object that is deleted and made again.
fn made_again() -> Scene {
    Scene::new(1, false, Allowed { deletions: 1, creations: 1, ..QUIET })
}

/// Two objects of which the older, or the younger, is deleted.
fn inherited() -> Scene {
    Scene::new(2, false, Allowed { deletions: 1, ..QUIET })
}

/// A pool that keeps something that no spec declares.
fn kept() -> Scene {
    Scene::new(1, true, QUIET)
}

/// A process that stands still between asking whether it leads and its status write; and a Get that fails.
fn told_late() -> Scene {
    Scene::new(1, false, Allowed { edits: 1, failures: 1, slow_tellings: 1, ..QUIET })
}

fn holds(scene: Scene) {
    let checked = scene.check();
    println!("{} states", checked.states);
    assert!(checked.broken.is_none(), "{:#?}", checked.broken);
    assert!(checked.ends_well, "what may happen cannot happen: the check shows little");
}

/// Without the guard the checker finds a way to this.
fn breaks(scene: &Scene, without: fn(&mut Guards), what: Broken) {
    let mut guards = Guards::ALL;
    without(&mut guards);
    let checked = scene.with(guards).check();
    println!("{} states", checked.states);
    let (broken, way) = checked.broken.expect("the guard guards something");
    assert_eq!(broken, what, "{way:#?}");
}

#[test]
fn edits_while_replicas_stand_still_and_take_over() {
    holds(Scene::new(1, false, Allowed { edits: 2, ..QUIET }));
}

#[test]
fn an_edit_and_a_crash_at_any_step() {
    holds(Scene::new(1, false, Allowed { edits: 1, crashes: 1, ..QUIET }));
}

#[test]
fn an_edit_and_writes_of_the_lease_that_are_slow_or_not_heard_of() {
    holds(Scene::new(1, false, Allowed { edits: 1, slow_leases: 1, ..QUIET }));
}

#[test]
fn an_edit_and_a_set_whose_answer_is_lost() {
    holds(lost());
}

#[test]
fn an_edit_and_a_process_that_is_asked_to_stop() {
    holds(stopped());
}

#[test]
fn a_process_that_is_asked_to_stop_and_a_set_whose_answer_is_lost() {
    holds(Scene::new(1, false, Allowed { losses: 1, stops: 1, ..QUIET }));
}

#[test]
fn an_object_that_is_deleted_and_made_again() {
    holds(made_again());
}

#[test]
fn a_pool_that_another_object_inherits() {
    holds(inherited());
}

#[test]
fn drift_on_a_pool_that_keeps_what_no_spec_declares() {
    holds(Scene::new(1, true, Allowed { drifts: 1, ..QUIET }));
    holds(Scene::new(1, true, Allowed { drifts: 1, crashes: 1, ..QUIET }));
}

#[test]
fn a_status_that_is_told_late() {
    holds(told_late());
}

#[test]
fn without_the_lease_a_set_is_sent_by_who_does_not_lead() {
    let asked_nowhere = |guards: &mut Guards| (guards.asked_before, guards.asked_at_sending) = (false, false);
    breaks(&edited(), asked_nowhere, Broken::SentWithoutLease);
}

#[test]
fn without_the_question_at_the_moment_of_sending_a_set_is_sent_by_who_led_before_it_stood_still() {
    breaks(&edited(), |guards| guards.asked_at_sending = false, Broken::SentWithoutLease);
}

#[test]
fn with_a_lease_that_only_lasts_a_set_is_done_while_another_leads() {
    breaks(&edited(), |guards| guards.outlasts = false, Broken::DoneUnderAnother);
}

#[test]
fn with_a_lease_that_was_lost_and_won_again_an_older_generation_overwrites_a_newer_one() {
    breaks(&edited(), |guards| guards.same_term = false, Broken::OlderOverNewer);
}

#[test]
fn without_the_generation_an_older_one_that_a_watch_still_shows_overwrites_a_newer_one() {
    breaks(&edited(), |guards| guards.generation = false, Broken::OlderOverNewer);
}

#[test]
fn without_the_uid_an_object_that_is_gone_overwrites_the_one_in_its_place() {
    breaks(&made_again(), |guards| guards.uid = false, Broken::OlderOverNewer);
}

#[test]
fn without_the_memory_a_set_that_was_accepted_and_told_is_repeated() {
    breaks(&kept(), |guards| guards.memory = false, Broken::Repeated);
}

#[test]
fn without_compare_and_swap_an_older_status_makes_a_set_repeated() {
    breaks(&told_late(), |guards| guards.swap = false, Broken::Repeated);
}

#[test]
fn without_turns_the_older_object_of_a_pool_overwrites_its_heir() {
    breaks(&inherited(), |guards| guards.turns = false, Broken::OlderOverNewer);
}

#[test]
fn without_the_bar_a_set_of_unknown_outcome_overwrites_its_successor() {
    breaks(&lost(), |guards| guards.bar = false, Broken::OlderOverNewer);
}

#[test]
fn released_while_a_set_is_under_way_the_lease_is_anothers_when_it_is_done() {
    breaks(&stopped(), |guards| guards.rest = false, Broken::DoneUnderAnother);
}

/// They spare work: a Set is not begun in vain, and a status write that would meet a conflict is not sent.
#[test]
fn what_is_asked_early_keeps_nothing_safe_that_is_not_asked_again() {
    let early = Guards { asked_before: false, asked_before_telling: false, ..Guards::ALL };
    for scene in [edited(), made_again(), inherited(), kept()] {
        holds(scene.with(early));
    }
}
