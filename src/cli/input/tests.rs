use serde_json::json;

use super::*;

fn path(path: &str) -> Vec<String> {
    path.split('.').map(str::to_owned).collect()
}

fn documents(text: &str) -> Vec<Document> {
    parse("f", text).into_iter().map(|document| document.unwrap()).collect()
}

#[test]
fn each_document_and_field_has_its_line() {
    let text = "# customers\na: 1\n---\n\nb:\n  c: x\n  d:\n  - 1\n  - e: 2\n";
    let [first, second] = &documents(text)[..] else { panic!() };
    assert_eq!((first.place.line, &first.value), (2, &json!({"a": 1})));
    assert_eq!(second.value, json!({"b": {"c": "x", "d": [1, {"e": 2}]}}));
    let at = |name: &str| second.lines.line(&path(name));
    assert_eq!([at("b"), at("b.c"), at("b.d.0"), at("b.d.1.e")], [Some(5), Some(6), Some(8), Some(9)]);
    assert_eq!(at("b.c.none"), Some(6));
}

#[test]
fn an_invalid_document_does_not_hide_the_others() {
    let read = parse("f", "a: 1\n---\nb: [1\n---\nc: 3\n");
    assert_eq!(read.len(), 3);
    let problem = read[1].as_ref().unwrap_err();
    assert_eq!(problem.place.file, "f");
    assert!((3..=4).contains(&problem.place.line), "{problem}");
    assert!(problem.to_string().contains("cannot be read as YAML"), "{problem}");
    assert_eq!(read[2].as_ref().unwrap().value, json!({"c": 3}));
}

#[test]
fn a_bare_on_is_true_and_a_quoted_one_is_text() {
    let documents = documents("[ON, OFF, \"ON\", 'OFF', yes, null, ~, 1.5]");
    assert_eq!(documents[0].value, json!([true, false, "ON", "OFF", true, null, null, 1.5]));
}

#[test]
fn json_values_one_after_another_are_documents() {
    let text = "{\"a\": \"ON\",\n\t\"b\": \"\\ud83d\\ude00\"}\n{\n\"c\": 1}\n";
    let [first, second] = &documents(text)[..] else { panic!() };
    assert_eq!(first.value, json!({"a": "ON", "b": "😀"}));
    assert_eq!((second.place.line, second.lines.line(&path("c"))), (3, Some(4)));
}

#[test]
fn the_items_of_a_list_are_documents() {
    let text = "kind: List\napiVersion: v1\nitems:\n- kind: A\n- kind: B\n  x: 1\n";
    let documents = documents(text);
    assert_eq!(documents.iter().map(|one| one.place.line).collect::<Vec<_>>(), [4, 5]);
    assert_eq!(documents[1].lines.line(&path("x")), Some(6));
}

#[test]
fn an_empty_document_is_skipped_and_an_empty_file_is_a_problem() {
    assert_eq!(documents("---\n# nothing\n---\na: 1\n---\n").len(), 1);
    let [Err(problem)] = &parse("f", "# nothing\n")[..] else { panic!() };
    assert_eq!(problem.to_string(), "f: there is no document in it");
}

#[test]
fn an_unquoted_placeholder_is_a_problem_that_asks_for_quotes() {
    for line in
        ["message: {####} is your code", "message: {####}", "{message: {####}}", "m: Your code: {####}"]
    {
        let read = parse("f", &format!("a: 1\nb:\n  {line}\nc: 1\n"));
        let problem = read[0].as_ref().unwrap_err().to_string();
        let sentence = "f:3: this cannot be read as YAML: write the text with {####} in quotes";
        assert_eq!(problem, sentence, "{line}");
    }
    assert_eq!(documents("m: Your code is {####}").len(), 1);
}

#[test]
fn a_duplicate_key_is_a_problem_with_its_line() {
    let read = parse("f", "a: 1\nb: 2\na: 3\n");
    let problem = read[0].as_ref().unwrap_err();
    assert_eq!(
        problem.to_string(),
        "f:3: this cannot be read as YAML: the key a comes twice: keep one of them"
    );
}
