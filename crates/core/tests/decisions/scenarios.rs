//! The scenarios of `test_support::scenarios`, walked on a simulated pool.

use cognito_emulator::Switches;
use serde_json::Value;
use test_support::{
    fixtures::POOL,
    scenarios::{
        sequences::sequence,
        table::{TABLE, check_column, columns, pool},
        walk::{Walk, walk},
    },
    simulated_pool::SimulatedPool,
};

#[test]
fn the_exceptions_of_the_table_name_switches_of_the_emulator() {
    let names: Vec<_> = columns().into_iter().map(|(name, _)| name).collect();
    for row in TABLE {
        assert!(row.exceptions.iter().all(|(switch, _)| names.contains(switch)), "{}", row.name);
    }
}

#[test]
fn every_sequence_ends_as_the_table_says_under_every_switch() {
    for (name, switches) in columns() {
        let walks: Vec<_> = TABLE.iter().map(|row| walk_row(row.name, &switches)).collect();
        check_column(name, &walks);
    }
}

/// The result of a sequence under these switches, and the pool's final settings.
fn walk_row(name: &str, switches: &Switches) -> (Walk, Value) {
    let (pool, switches) = (pool(name, POOL), switches.clone());
    let mut cognito = SimulatedPool { pool, switches, writes: 0, accepted_writes: 0 };
    let walk = walk(&sequence(name), POOL, |object| cognito.reconcile(object));
    assert_eq!(walk.writes, cognito.accepted_writes);
    (walk, Value::Object(cognito.pool.live))
}
