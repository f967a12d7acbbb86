//! The records of the acceptance suite in `records/`: the emulator does what AWS was recorded to do.

use std::{fs, path::Path};

use cognito_emulator::Switches;
use serde_json::{Value, json};

use crate::replay::replay;

/// The records by file name.
fn records() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("records");
    let files = fs::read_dir(folder).expect("there is a folder of records");
    let paths = files.map(|file| file.expect("it can be listed").path());
    let json = paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    json.map(|path| {
        let text = fs::read_to_string(&path).expect("it can be read");
        let record =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), record)
    })
    .collect()
}

fn emulator_record() -> Value {
    let found = records().into_iter().find(|(_, record)| record["of"] == "emulator");
    found.expect("the emulator's own record is committed").1
}

/// The rules whose answer is another one than in the record, with both answers.
fn differences(record: &Value, switches: &Switches) -> Vec<(String, String)> {
    let region = record["region"].as_str().expect("a record has a Region");
    let questions = record["questions"].as_array().expect("a record has questions");
    let differs = |question: &Value| {
        let emulated = replay(question, region, switches)?;
        let recorded = &question["came"];
        (emulated != *recorded).then(|| format!("recorded {recorded}, the emulator {emulated}"))
    };
    let named = |question: &Value| question["rule"].as_str().unwrap_or_default().to_owned();
    questions.iter().filter_map(|question| Some((named(question), differs(question)?))).collect()
}

#[test]
fn the_emulator_does_what_each_record_says() {
    for (file, record) in records() {
        let found = differences(&record, &Switches::default());
        let lines: Vec<_> = found.iter().map(|(rule, what)| format!("{rule}: {what}")).collect();
        assert!(lines.is_empty(), "{file}: set the emulator's rules by it:\n{}", lines.join("\n"));
    }
}

#[test]
fn a_record_of_each_other_switch_position_is_noticed_by_its_rules_alone() {
    let record = emulator_record();
    let switch_of = |rule: &str| {
        let questions = record["questions"].as_array().expect("a record has questions");
        let found = questions.iter().find(|question| question["rule"] == rule);
        found.map(|question| question["switch"].clone())
    };
    for (name, switches) in Switches::each_alone() {
        let turned = turned_switch(&switches);
        let found = differences(&record, &switches);
        assert!(!found.is_empty(), "{name}: no question notices {turned}");
        for (rule, what) in found {
            assert_eq!(switch_of(&rule), Some(json!(turned)), "{name} changes {rule}: {what}");
        }
    }
}

/// The name of the one switch that is not at its default.
fn turned_switch(switches: &Switches) -> String {
    let json = |switches: &Switches| serde_json::to_value(switches).expect("switches are JSON");
    let (turned, default) = (json(switches), json(&Switches::default()));
    let names = turned.as_object().expect("they are an object").iter();
    let mut names = names.filter(|(name, value)| default[name.as_str()] != **value);
    names.next().expect("one is turned").0.clone()
}

#[test]
fn other_words_of_the_same_refusal_are_noticed() {
    let mut record = emulator_record();
    let questions = record["questions"].as_array_mut().expect("a record has questions");
    let refused = questions.iter_mut().find(|question| question["rule"] == "on-without-factor");
    refused.expect("it is asked")["came"]["words"] = json!("No.");
    let found = differences(&record, &Switches::default());
    assert_eq!(found.iter().map(|(rule, _)| rule.as_str()).collect::<Vec<_>>(), ["on-without-factor"]);
}

#[test]
fn a_question_about_users_is_left_out() {
    let question = json!({"steps": [
        {"operation": "CreateUserPool", "request": {}},
        {"operation": "AdminInitiateAuth", "request": {}},
    ], "facts": {}, "look": "answer", "came": {"code": "OK", "words": "", "members": {"/ChallengeName": null}}});
    assert_eq!(replay(&question, "us-east-1", &Switches::default()), None);
}
