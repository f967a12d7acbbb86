//! With all guards no scenario has a violation, and without any single guard one has.

use replica_model::{
    guards::Guards,
    scenario::{QUIET, Scenario},
    world::{Allowed, Violation},
};

/// A spec is edited once.
fn edit() -> Scenario {
    Scenario::new(1, false, Allowed { edits: 1, ..QUIET })
}

/// A spec is edited once, and the response of a write that may still be applied is lost.
fn edit_and_lost_response() -> Scenario {
    Scenario::new(1, false, Allowed { edits: 1, lost_responses: 1, ..QUIET })
}

/// A spec is edited once, and a process is stopped.
fn edit_and_stop() -> Scenario {
    Scenario::new(1, false, Allowed { edits: 1, stops: 1, ..QUIET })
}

/// Somebody else changes the pool once.
fn drift() -> Scenario {
    Scenario::new(1, false, Allowed { drifts: 1, ..QUIET })
}

/// An object is deleted and created again.
fn recreation() -> Scenario {
    Scenario::new(1, false, Allowed { deletions: 1, creations: 1, ..QUIET })
}

/// One of two objects of the same pool is deleted.
fn deletion_of_an_owner() -> Scenario {
    Scenario::new(2, false, Allowed { deletions: 1, ..QUIET })
}

/// The pool keeps a setting that no spec declares.
fn residue() -> Scenario {
    Scenario::new(1, true, QUIET)
}

/// A process is suspended between its check of the lease and its write of the status, and a read fails.
fn late_status() -> Scenario {
    Scenario::new(1, false, Allowed { edits: 1, failed_reads: 1, slow_status_writes: 1, ..QUIET })
}

fn assert_no_violation(scenario: Scenario) {
    let result = scenario.check();
    println!("{} states", result.states);
    assert!(result.violation.is_none(), "{:#?}", result.violation);
    assert!(result.can_finish, "the allowed events cannot all happen, so the check shows little");
}

fn assert_violation(scenario: &Scenario, switch_off: fn(&mut Guards), expected: Violation) {
    let mut guards = Guards::ALL;
    switch_off(&mut guards);
    let result = scenario.with(guards).check();
    println!("{} states", result.states);
    let (violation, actions) = result.violation.expect("the guard is necessary");
    assert_eq!(violation, expected, "{actions:#?}");
}

#[test]
fn two_edits_are_safe_while_replicas_are_suspended_and_take_over() {
    assert_no_violation(Scenario::new(1, false, Allowed { edits: 2, ..QUIET }));
}

#[test]
fn an_edit_is_safe_with_a_crash_at_any_step() {
    assert_no_violation(Scenario::new(1, false, Allowed { edits: 1, crashes: 1, ..QUIET }));
}

#[test]
fn an_edit_is_safe_with_slow_or_unanswered_writes_of_the_lease() {
    assert_no_violation(Scenario::new(1, false, Allowed { edits: 1, slow_lease_writes: 1, ..QUIET }));
}

#[test]
fn an_edit_is_safe_with_a_lost_response() {
    assert_no_violation(edit_and_lost_response());
}

#[test]
fn an_edit_is_safe_while_a_process_stops() {
    assert_no_violation(edit_and_stop());
}

#[test]
fn a_lost_response_is_safe_while_a_process_stops() {
    assert_no_violation(Scenario::new(1, false, Allowed { lost_responses: 1, stops: 1, ..QUIET }));
}

#[test]
fn a_recreated_object_is_safe() {
    assert_no_violation(recreation());
}

#[test]
fn a_change_of_the_pools_owner_is_safe() {
    assert_no_violation(deletion_of_an_owner());
}

#[test]
fn drift_is_safe_on_a_pool_that_keeps_an_undeclared_setting() {
    assert_no_violation(Scenario::new(1, true, Allowed { drifts: 1, ..QUIET }));
    assert_no_violation(Scenario::new(1, true, Allowed { drifts: 1, crashes: 1, ..QUIET }));
}

#[test]
fn drift_between_a_read_and_its_write_is_safe() {
    assert_no_violation(drift());
}

#[test]
fn a_late_status_write_is_safe() {
    assert_no_violation(late_status());
}

#[test]
fn without_checks_of_the_lease_a_follower_sends_a_write() {
    let never_checked =
        |guards: &mut Guards| (guards.checks_lease_early, guards.checks_lease_at_send) = (false, false);
    assert_violation(&edit(), never_checked, Violation::SentWithoutLease);
}

/// The look is so short that the lease of the early check is still valid at the sending, but it does not outlast the write.
#[test]
fn without_a_check_at_send_a_write_outlives_its_lease() {
    let switch_off = |guards: &mut Guards| guards.checks_lease_at_send = false;
    assert_violation(&edit(), switch_off, Violation::AppliedUnderAnotherLeader);
}

#[test]
fn without_a_check_at_send_and_a_fresh_turn_a_suspended_former_leader_sends_a_write() {
    let switch_off = |guards: &mut Guards| (guards.checks_lease_at_send, guards.fresh_turn) = (false, false);
    assert_violation(&edit(), switch_off, Violation::SentWithoutLease);
}

#[test]
fn a_write_that_outlives_its_lease_is_applied_under_another_leader() {
    let switch_off = |guards: &mut Guards| guards.lease_outlasts_write = false;
    assert_violation(&edit(), switch_off, Violation::AppliedUnderAnotherLeader);
}

#[test]
fn without_the_term_a_leader_again_overwrites_a_newer_generation() {
    assert_violation(&edit_and_stop(), |guards| guards.same_term = false, Violation::OlderOverNewer);
}

#[test]
fn without_the_generation_a_lagging_watch_overwrites_a_newer_one() {
    assert_violation(&edit(), |guards| guards.generation = false, Violation::OlderOverNewer);
}

#[test]
fn without_the_uid_a_deleted_object_overwrites_its_successor() {
    assert_violation(&recreation(), |guards| guards.uid = false, Violation::OlderOverNewer);
}

#[test]
fn without_the_memory_an_accepted_and_reported_write_is_repeated() {
    assert_violation(&residue(), |guards| guards.memory = false, Violation::RepeatedWrite);
}

#[test]
fn without_compare_and_swap_an_older_status_causes_a_repeated_write() {
    assert_violation(&late_status(), |guards| guards.compare_and_swap = false, Violation::RepeatedWrite);
}

#[test]
fn without_a_fresh_look_a_write_whose_turn_comes_late_overwrites_drift() {
    assert_violation(&drift(), |guards| guards.fresh_look = false, Violation::SentOnOldLook);
}

#[test]
fn without_a_fresh_turn_a_process_suspended_after_its_turn_overwrites_drift() {
    assert_violation(&drift(), |guards| guards.fresh_turn = false, Violation::SentOnOldLook);
}

#[test]
fn with_two_runs_of_a_pool_the_older_object_overwrites_the_new_owner() {
    let switch_off = |guards: &mut Guards| guards.one_run_per_pool = false;
    assert_violation(&deletion_of_an_owner(), switch_off, Violation::OlderOverNewer);
}

#[test]
fn without_a_blocked_pool_a_write_of_unknown_result_overwrites_a_newer_one() {
    let switch_off = |guards: &mut Guards| guards.block_pool = false;
    assert_violation(&edit_and_lost_response(), switch_off, Violation::OlderOverNewer);
}

#[test]
fn a_lease_released_during_a_write_is_anothers_when_it_is_applied() {
    let switch_off = |guards: &mut Guards| guards.release_when_idle = false;
    assert_violation(&edit_and_stop(), switch_off, Violation::AppliedUnderAnotherLeader);
}

/// The early checks save work: they avoid a write that would not be sent, and a status write that would conflict.
#[test]
fn the_early_checks_are_not_necessary_for_safety() {
    let late_only = Guards { checks_lease_early: false, checks_lease_before_status: false, ..Guards::ALL };
    for scenario in [edit(), recreation(), deletion_of_an_owner(), residue()] {
        assert_no_violation(scenario.with(late_only));
    }
}
