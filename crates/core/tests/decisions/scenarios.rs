//! The scenarios of `test_support::scenarios`, walked on a simulated pool.

use cognito_emulator::Switches;
use serde_json::Value;
use test_support::{
    fixtures::POOL,
    scenarios::{
        sequences::sequence,
        table::{SWITCHES, TABLE, check_column, pool, switches},
        walk::walk,
    },
    simulated_pool::SimulatedPool,
};

#[test]
fn the_table_has_a_column_for_every_switch_of_the_emulator() {
    let names: Vec<_> = Switches::each_alone().into_iter().map(|(name, _)| name).collect();
    assert_eq!(SWITCHES[1..], names);
    assert!(TABLE.iter().all(|(_, row)| row.split_whitespace().count() == SWITCHES.len()));
}

#[test]
fn every_sequence_ends_as_the_table_says_under_every_switch() {
    for column in 0..SWITCHES.len() {
        let walks = TABLE.map(|(name, _)| {
            let (pool, switches) = (pool(name, POOL), switches(column));
            let mut cognito = SimulatedPool { pool, switches, writes: 0, accepted_writes: 0 };
            let walk = walk(&sequence(name), POOL, |object| cognito.reconcile(object));
            assert_eq!(walk.writes, cognito.accepted_writes);
            (walk, Value::Object(cognito.pool.live))
        });
        check_column(column, &walks);
    }
}
