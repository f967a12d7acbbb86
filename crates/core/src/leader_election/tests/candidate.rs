use super::*;

#[test]
fn a_lease_without_a_holder_is_acquired_at_once() {
    let mut candidate = new_candidate();
    candidate.observe(Some(lease("", 1)), secs(1));
    let spec = written(claim(&mut candidate, secs(1)));
    assert_eq!(spec.holder_identity.as_deref(), Some("me"));
    assert_eq!((spec.lease_transitions, spec.lease_duration_seconds), (Some(5), Some(15)));
    let mut longer = lease("", 2);
    longer.spec.as_mut().unwrap().lease_duration_seconds = Some(99);
    candidate.observe(Some(longer), secs(2));
    assert_eq!(
        written(claim(&mut candidate, secs(2))).lease_duration_seconds,
        Some(15),
        "its own duration, not the last holder's"
    );
    assert_eq!(spec.acquire_time, spec.renew_time);
    assert!(!candidate.leads(secs(1)), "it leads only when the API server has confirmed the write");
}

#[test]
fn another_replicas_lease_is_acquired_once_unchanged_for_its_duration() {
    let mut candidate = new_candidate();
    candidate.observe(Some(lease("other", 1)), secs(100));
    assert_eq!(claim(&mut candidate, secs(100)), None);
    candidate.observe(Some(lease("other", 2)), secs(110));
    candidate.observe(Some(lease("other", 2)), secs(124));
    assert_eq!(claim(&mut candidate, secs(124)), None);
    assert_eq!(candidate.wait(secs(124), 0), secs(1));
    candidate.observe(Some(lease("other", 2)), secs(125));
    let Some(Write::Replace(replaced)) = claim(&mut candidate, secs(125)) else {
        panic!("the Lease is free")
    };
    assert_eq!(replaced.metadata.resource_version.as_deref(), Some("2"));
}

#[test]
fn the_duration_that_the_holder_wrote_decides() {
    let mut candidate = new_candidate();
    let mut long_lease = lease("other", 1);
    long_lease.spec.as_mut().unwrap().lease_duration_seconds = Some(60);
    candidate.observe(Some(long_lease.clone()), secs(0));
    candidate.observe(Some(long_lease.clone()), secs(59));
    assert_eq!(claim(&mut candidate, secs(59)), None);
    candidate.observe(Some(long_lease), secs(60));
    assert!(claim(&mut candidate, secs(60)).is_some());
}

#[test]
fn a_missing_lease_is_created_once_its_last_holder_cannot_lead() {
    let mut candidate = new_candidate();
    candidate.observe(None, secs(0));
    assert_eq!(claim(&mut candidate, secs(0)), None);
    candidate.observe(None, secs(15));
    let Some(Write::Create(created)) = claim(&mut candidate, secs(15)) else { panic!("the Lease is free") };
    assert_eq!(created.spec.unwrap().lease_transitions, Some(0));
}

#[test]
fn a_leader_creates_its_deleted_lease_again() {
    let mut candidate = leader(secs(0));
    candidate.observe(None, secs(2));
    assert!(matches!(claim(&mut candidate, secs(2)), Some(Write::Create(_))));
}

#[test]
fn a_renewal_keeps_the_holder_and_the_acquire_time() {
    let mut candidate = leader(secs(0));
    let before = candidate.observed.clone().unwrap().lease.unwrap().spec.unwrap();
    assert!(!candidate.must_read());
    let renewed = candidate.claim(secs(2), Timestamp::UNIX_EPOCH + secs(2));
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
fn an_unconfirmed_write_is_followed_by_a_read() {
    let mut candidate = leader(secs(0));
    assert!(claim(&mut candidate, secs(2)).is_some());
    assert!(candidate.must_read());
    assert_eq!(claim(&mut candidate, secs(4)), None);
    assert!(candidate.leads(secs(4)), "one lost response ends no leadership");
}

#[test]
fn a_leader_stops_at_the_deadline_counted_from_before_its_renewal() {
    let candidate = leader(secs(100));
    assert!(candidate.leads(secs(109)));
    assert!(!candidate.leads(secs(110)));
}

#[test]
fn work_begins_only_when_the_lease_outlasts_it() {
    let mut candidate = leader(secs(100));
    for (now, longest, allowed) in
        [(100, 15, true), (100, 16, false), (105, 10, true), (106, 10, false), (110, 1, false)]
    {
        assert_eq!(candidate.may_begin(secs(now), secs(longest)), allowed, "{now} {longest}");
    }
    assert_eq!(candidate.busy_for(secs(110)), secs(5));
}

#[test]
fn a_leader_that_observes_another_holder_stops_at_once() {
    let mut candidate = leader(secs(0));
    candidate.observe(Some(lease("other", 3)), secs(1));
    assert!(!candidate.leads(secs(1)));
    assert_eq!(candidate.holder(), Some("other"));
}

#[test]
fn a_released_lease_has_no_holder_and_allows_no_work() {
    let mut candidate = leader(secs(0));
    let released = candidate.release().unwrap();
    assert_eq!(released.metadata.resource_version.as_deref(), Some("2"));
    assert_eq!(released.spec.unwrap().holder_identity, None);
    assert!(!candidate.leads(secs(0)) && !candidate.may_begin(secs(0), secs(1)));
}

#[test]
fn a_lease_not_known_to_be_its_own_is_not_released() {
    assert_eq!(new_candidate().release(), None);
    let mut unsure = leader(secs(0));
    claim(&mut unsure, secs(2));
    assert_eq!(unsure.release(), None);
    let mut former = leader(secs(0));
    former.observe(Some(lease("other", 3)), secs(1));
    assert_eq!(former.release(), None);
}

#[test]
fn a_term_ends_only_when_another_replica_has_led() {
    let mut candidate = leader(secs(0));
    let term = candidate.term();
    let spec = written(claim(&mut candidate, secs(60)));
    candidate.wrote(stored(Lease { spec: Some(spec), ..Lease::default() }, 3), secs(60));
    assert_eq!(candidate.term(), term, "the same lease, renewed late");
    let mut other_lease = lease("other", 4);
    other_lease.spec.as_mut().unwrap().lease_transitions = Some(6);
    candidate.observe(Some(other_lease.clone()), secs(70));
    candidate.observe(Some(other_lease), secs(90));
    let spec = written(claim(&mut candidate, secs(90)));
    candidate.wrote(stored(Lease { spec: Some(spec), ..Lease::default() }, 5), secs(90));
    assert_ne!(candidate.term(), term);
}

#[test]
fn durations_that_do_not_fit_are_refused_with_what_to_write() {
    for (duration, deadline, retry, expected) in [
        (13_000, 10_000, 2_000, "--lease-duration 13s is too short"),
        (15_500, 10_000, 2_000, "whole seconds"),
        (15_000, 4_000, 2_000, "more than twice --lease-retry-period"),
        (15_000, 10_000, 0, "more than zero"),
    ] {
        let [duration, deadline, retry] = [duration, deadline, retry].map(Duration::from_millis);
        let error = Timing::new(duration, deadline, retry).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}
