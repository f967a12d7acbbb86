//! Asks the emulator what a record of the acceptance suite (tests/acceptance) asked, call by call.

use std::time::Duration;

use cognito_emulator::{CredentialScope, EmulatorState, Reply, Request, Switches};
use serde_json::{Map, Value, json};

const ACCOUNT: &str = "123456789012";
/// The operations of users, of which the emulator has none.
const UNKNOWN: &str = "UnknownOperationException";

/// The emulator's answer to a question of a record, in the form of the record's `came`. None where the emulator does
/// not have one of the operations.
pub fn replay(question: &Value, region: &str, switches: &Switches) -> Option<Value> {
    let mut asking = Asking::new(region, switches);
    let steps = question["steps"].as_array().expect("a question has steps");
    let mut last = Ok(Value::Null);
    for step in steps {
        last = asking.step(step["operation"].as_str().expect("it is named"), &step["request"]);
        if step["operation"] == "CreateUserPool" && last.is_ok() {
            asking.set_facts(&question["facts"]);
        }
    }
    match last {
        Err((code, _)) if code == UNKNOWN => None,
        Err((code, words)) => Some(json!({"code": code, "words": asking.scrubbed(&words), "members": {}})),
        Ok(answer) => Some(json!({"code": "OK", "words": "", "members": asking.look(question, answer)})),
    }
}

/// An emulator with one pool, and the placeholders of a record.
struct Asking {
    state: EmulatorState,
    placeholders: Vec<(&'static str, String)>,
    last_read: Value,
}

impl Asking {
    fn new(region: &str, switches: &Switches) -> Self {
        let state = EmulatorState { switches: switches.clone(), ..EmulatorState::default() };
        Self { state, placeholders: placeholders(region), last_read: Value::Null }
    }

    fn value(&self, placeholder: &str) -> &str {
        let found = self.placeholders.iter().find(|(name, _)| *name == placeholder);
        found.map_or("", |(_, value)| value)
    }

    /// Makes a call. The answer, or the error's code and message.
    fn step(&mut self, operation: &str, request: &Value) -> Result<Value, (String, String)> {
        let mut body = if request == "<last read>" { self.last_read.clone() } else { self.filled(request) };
        if operation != "CreateUserPool" && body.get("UserPoolId").is_none() {
            body["UserPoolId"] = json!(self.value("<pool>"));
        }
        if operation == "CreateUserPool" {
            body["PoolName"] = json!("acceptance");
        }
        let answer = self.call(operation, body)?;
        if operation == "CreateUserPool" {
            let id = answer["UserPool"]["Id"].as_str().expect("a pool has an id");
            self.placeholders.push(("<pool>", id.to_owned()));
        }
        if operation == "GetUserPoolMfaConfig" {
            self.last_read = answer.clone();
        }
        Ok(answer)
    }

    fn call(&mut self, operation: &str, body: Value) -> Result<Value, (String, String)> {
        let scope = CredentialScope {
            access_key_id: "any".into(),
            region: self.value("<region>").into(),
            service: "cognito-idp".into(),
        };
        let request = Request { operation: operation.into(), body, scope: Some(scope) };
        let received = self.state.receive(&request, Duration::ZERO);
        match self.state.answer(&request, &received, Duration::ZERO) {
            Reply::Answer(answer) => answer.map_err(|error| (error.code, error.message)),
            other => panic!("no fault was scripted, and the answer is {other:?}"),
        }
    }

    fn set_facts(&mut self, facts: &Value) {
        let id = self.value("<pool>").to_owned();
        let pool = self.state.pools.find(&id).expect("it was created");
        let mut merged = serde_json::to_value(&pool.facts).expect("facts are JSON");
        for (name, value) in facts.as_object().into_iter().flatten() {
            merged[name] = value.clone();
        }
        pool.facts = serde_json::from_value(merged).expect("the record has facts of the emulator");
    }

    /// The members that the record has, as they are now, or in the answer itself.
    fn look(&mut self, question: &Value, answer: Value) -> Value {
        let members = question["came"]["members"].as_object().expect("a record lists members");
        let look = question["look"].as_str().expect("a record says where they are");
        let shown = match look {
            "answer" => answer,
            _ if members.is_empty() => return json!({}),
            operation => self.step(operation, &json!({})).expect("the pool is there"),
        };
        let found = |pointer: &String| shown.pointer(pointer).cloned().unwrap_or(Value::Null);
        let found: Map<_, _> = members.keys().map(|name| (name.clone(), found(name))).collect();
        serde_json::from_str(&self.scrubbed(&Value::Object(found).to_string())).expect("it is still JSON")
    }

    /// The request with values in place of the placeholders.
    fn filled(&self, request: &Value) -> Value {
        let mut text = request.to_string();
        for (placeholder, value) in &self.placeholders {
            text = text.replace(placeholder, value);
        }
        serde_json::from_str(&repeated(&text)).expect("it is still JSON")
    }

    /// AWS's words as a record has them: placeholders in place of what names an account or a pool.
    fn scrubbed(&self, words: &str) -> String {
        let mut text = words.to_owned();
        let named = |name: &str| !name.contains("region");
        let mut values: Vec<_> = self.placeholders.iter().filter(|(name, _)| named(name)).collect();
        values.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        for (placeholder, value) in values {
            text = text.replace(value, placeholder);
        }
        abbreviated(&text)
    }
}

fn placeholders(region: &str) -> Vec<(&'static str, String)> {
    let role = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    let other = if region == "eu-central-1" { "us-east-1" } else { "eu-central-1" };
    let foreign = if region == "sa-east-1" { "us-west-2" } else { "sa-east-1" };
    let sns = if region == "ap-northeast-2" { "ap-northeast-1" } else { region };
    vec![
        ("<region>", region.into()),
        ("<other-region>", other.into()),
        ("<foreign-region>", foreign.into()),
        ("<sns-region>", sns.into()),
        ("<region-without-sns>", region.into()),
        ("<external-id>", "acceptance-external-id".into()),
        ("<sms-role>", role("sms")),
        ("<mute-role>", role("mute")),
        ("<missing-pool>", format!("{region}_Nowhere00")),
        ("<missing-role>", role("cognito-mfa-acceptance-missing")),
        ("<foreign-role>", "arn:aws:iam::111122223333:role/cognito-mfa-acceptance-foreign".into()),
        ("<ses-identity>", format!("arn:aws:ses:{region}:{ACCOUNT}:identity/mail.example.org")),
        ("<ses-from>", "no-reply@mail.example.org".into()),
        ("<ses-domain>", "mail.example.org".into()),
    ]
}

/// A record writes long texts as `<x*2049>`.
fn repeated(text: &str) -> String {
    let mut parts = text.split("<x*");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (count, rest) = part.split_once('>').expect("the abbreviation ends");
        whole.push_str(&"x".repeat(count.parse().expect("it is a number")));
        whole.push_str(rest);
    }
    whole
}

/// The other way round: a message may repeat the value that it refuses.
fn abbreviated(text: &str) -> String {
    let mut short = String::new();
    let mut rest = text;
    while let Some(begin) = rest.find(&"x".repeat(20)) {
        let count = rest[begin..].bytes().take_while(|byte| *byte == b'x').count();
        short.push_str(&rest[..begin]);
        short.extend(["<x*", &count.to_string(), ">"]);
        rest = &rest[begin + count..];
    }
    short + rest
}
