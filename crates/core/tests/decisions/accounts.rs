//! The accounts file: what it grants, and which files are refused.

use cognito_mfa_core::{
    access::accounts::{AccessRequest, Accounts, Denied, Forbidden, Identity, access_request, session_name},
    api::v1alpha1::UserPoolMfaConfig,
};
use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};
use test_support::fixtures::{POOL, ROLE, object, off, on_totp, with, with_sms};

const FILE: &str = r#"
accounts:
- namespaces: [shop, shop-*]
  roleArn: arn:aws:iam::111111111111:role/mfa
  externalId: s3cret-s3cret
  userPools: ["eu-west-1_*"]
  smsCallerRoles: ["arn:aws:iam::123456789012:role/sms*"]
- namespaces: [shop-b]
  roleArn: arn:aws:iam::222222222222:role/path/mfa
  userPools: ["*"]
- namespaces: [hub]
  userPools: [us-east-1_Hub]
"#;

fn role(arn: &str, external_id: Option<&str>) -> Identity {
    Identity::Role { arn: arn.into(), external_id: external_id.map(Into::into) }
}

fn request(namespace: &str, pool: &str, sms_roles: &[&str]) -> AccessRequest {
    let sms_roles = sms_roles.iter().map(ToString::to_string).collect();
    AccessRequest { namespace: namespace.into(), pool: pool.into(), sms_roles }
}

#[test]
fn the_first_entry_for_namespace_and_pool_decides() {
    let accounts = Accounts::parse(FILE.as_bytes()).unwrap();
    let first = role("arn:aws:iam::111111111111:role/mfa", Some("s3cret-s3cret"));
    let second = role("arn:aws:iam::222222222222:role/path/mfa", None);
    for (access_request, granted) in [
        (request("shop", "eu-west-1_A", &[]), Ok(&first)),
        (request("shop", "eu-west-1_A", &[ROLE]), Ok(&first)),
        (request("shop-b", "eu-west-1_A", &[]), Ok(&first)),
        (request("shop-b", "us-east-1_A", &[]), Ok(&second)),
        (request("hub", "us-east-1_Hub", &[]), Ok(&Identity::Own)),
        (request("shop-a", "us-east-1_A", &[]), Err(Forbidden::Pool)),
        (request("hub", "us-east-1_Hub2", &[]), Err(Forbidden::Pool)),
        (request("shops", "eu-west-1_A", &[]), Err(Forbidden::Namespace)),
        (request("a-shop-b", "eu-west-1_A", &[]), Err(Forbidden::Namespace)),
        (request("", "", &[]), Err(Forbidden::Namespace)),
        // The second entry would not allow it either, but the first one decides.
        (request("shop-b", "eu-west-1_A", &[ROLE, "arn:x"]), Err(Forbidden::CallerRole("arn:x".into()))),
        (request("shop-b", "us-east-1_A", &[ROLE]), Err(Forbidden::CallerRole(ROLE.into()))),
    ] {
        let identity = accounts.authorize(&access_request).map_err(|denied| denied.forbidden);
        assert_eq!(identity, granted, "{access_request:?}");
    }
}

#[test]
fn without_a_file_every_namespace_uses_the_operators_own_identity() {
    assert_eq!(Accounts::without_file().authorize(&request("any", POOL, &[ROLE])), Ok(&Identity::Own));
}

#[test]
fn an_access_request_has_the_sms_roles_that_a_write_would_send() {
    let sms_roles = |value: &Value| access_request(object(value).resolved().unwrap()).sms_roles;
    let eums = json!({"smsMfaConfiguration": {"smsConfiguration": {"eumsSms": {"callerArn": ROLE}}}});
    let both = json!({"smsMfaConfiguration": {"smsConfiguration": {"snsCallerArn": "arn:a", "eumsSms": {"callerArn": "arn:b"}}}});
    let empty = json!({"smsMfaConfiguration": {"smsConfiguration": {"snsCallerArn": ""}}});
    assert_eq!(sms_roles(&with_sms()), [ROLE]);
    assert_eq!(sms_roles(&with(&on_totp(), &eums)), [ROLE]);
    assert_eq!(sms_roles(&with(&on_totp(), &both)), ["arn:a", "arn:b"]);
    assert_eq!(sms_roles(&with(&on_totp(), &empty)), [""; 0]);
    assert_eq!(sms_roles(&with(&with_sms(), &off())), [""; 0]);
}

#[test]
fn labels_and_annotations_do_not_change_an_access_request() {
    let mut hostile: UserPoolMfaConfig = object(&on_totp());
    let pairs = [("namespace", "other"), ("cognito.mfaoperator.dev/role-arn", "arn:aws:iam::1:role/x")];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    hostile.metadata.annotations = Some(pairs.clone().into());
    hostile.metadata.labels = Some(pairs.into());
    assert_eq!(access_request(hostile.resolved().unwrap()), request("shop", POOL, &[]));
}

#[test]
fn a_denial_says_who_can_grant_access_and_what_to_write() {
    let denied = |forbidden| Denied { namespace: "shop".into(), pool: POOL.into(), forbidden };
    for (forbidden, reason, words) in [
        (Forbidden::Namespace, "NamespaceNotMapped", format!("namespaces: [shop], userPools: [\"{POOL}\"]")),
        (Forbidden::Pool, "PoolNotAllowed", format!("\"{POOL}\" in the userPools")),
        (Forbidden::CallerRole(ROLE.into()), "CallerRoleNotAllowed", "in the smsCallerRoles".into()),
    ] {
        let denied = denied(forbidden);
        assert_eq!(denied.reason().as_str(), reason);
        let message = denied.message();
        assert!(message.contains(&words) && message.contains("administrator"), "{message}");
    }
    assert!(denied(Forbidden::CallerRole("x".repeat(99_999))).message().len() < 1_000);
}

#[test]
fn roles_of_one_account_share_its_quota() {
    assert_eq!(role("arn:aws:iam::111111111111:role/a", None).account(), "111111111111");
    assert_eq!(role("arn:aws-cn:iam::111111111111:role/p/b", Some("id")).account(), "111111111111");
    assert_eq!(Identity::Own.account(), "own");
}

#[test]
fn session_names_have_operator_and_namespace_in_at_most_64_characters() {
    assert_eq!(session_name("shop"), "cognito-mfa-operator@shop");
    let (fits, long) = ("n".repeat(43), "n".repeat(44));
    assert_eq!(session_name(&fits), format!("cognito-mfa-operator@{fits}"));
    let cut = session_name(&long);
    assert_eq!(cut.len(), 64);
    assert!(cut.starts_with("cognito-mfa-operator@nnnnnnnn"), "{cut}");
    assert_ne!(cut, session_name(&"n".repeat(45)));
    assert!(cut.chars().all(|c| c.is_ascii_alphanumeric() || "+=,.@-".contains(c)), "{cut}");
}

/// A file with one entry that has this line too.
fn entry(more: &str) -> String {
    format!("accounts:\n- namespaces: [a]\n  userPools: [\"*\"]\n  {more}\n")
}

#[test]
fn an_invalid_file_is_refused_with_one_sentence_that_names_the_mistake() {
    let role = "roleArn: arn:aws:iam::111111111111:role/mfa";
    for (file, words) in [
        (String::new(), "line 1"),
        ("accounts: []".into(), "at least one"),
        ("accounts:".into(), ""),
        ("acounts: []".into(), "acounts"),
        ("accounts: [{namespaces: [a]}]".into(), "userPools"),
        ("accounts: [{userPools: [a]}]".into(), "namespaces"),
        ("accounts: [{namespaces: [], userPools: [a]}]".into(), "namespaces is empty"),
        ("accounts: [{namespaces: [a], userPools: []}]".into(), "userPools is empty"),
        ("accounts: [{namespaces: , userPools: [a]}]".into(), "namespaces is empty"),
        ("accounts: [{namespaces: [Team_A], userPools: [a]}]".into(), "Team_A"),
        ("accounts: [{namespaces: [\"\"], userPools: [a]}]".into(), "nothing can match"),
        ("accounts: [{namespaces: [a], userPools: [\"eu west\"]}]".into(), "eu west"),
        (entry("smsCallerRoles: []"), "line 4"),
        (entry("smsCallerRoles: [\"arn:*:{role}\"]"), "smsCallerRoles has"),
        (entry("rolearn: x"), "rolearn"),
        (entry("roleArn:"), "roleArn is empty"),
        (entry("roleArn: ~"), "roleArn is empty"),
        (entry("roleArn: \"\""), "roleArn is empty"),
        (entry("roleArn: arn:aws:iam::123:role/mfa"), "line 4"),
        (entry("roleArn: arn:aws:iam::111111111111:user/mfa"), "is not a role"),
        (entry("roleArn: arn:aws:iam::111111111111:role/"), "is not a role"),
        (entry("roleArn: arn:aws:sts::111111111111:role/mfa"), "is not a role"),
        (entry("roleArn: [arn]"), "line 4"),
        (entry("externalId: some-id"), "no roleArn"),
        (entry(&format!("{role}\n  externalId:")), "externalId is empty"),
        (entry(&format!("{role}\n  externalId: x")), "2 to 1224"),
        (entry(&format!("{role}\n  externalId: {}", "x".repeat(1225))), "2 to 1224"),
        (entry(&format!("{role}\n  externalId: \"a b\"")), "2 to 1224"),
        (entry(&format!("{role}\n  {role}")), "line 5"),
        (entry("- ]"), ""),
        (format!("{}---\n{}", entry(""), entry("")), ""),
        ("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\naccounts: *c".into(), ""),
    ] {
        let error = Accounts::parse(file.as_bytes()).expect_err(&file);
        assert!(error.contains(words), "{file}\n{error}");
        assert!(!error.contains('\n') && error.chars().count() <= 512, "{file}\n{error}");
    }
    assert!(Accounts::parse(b"\xff\xfe\xfd").is_err());
}

#[test]
fn no_error_shows_an_external_id() {
    let role = "roleArn: arn:aws:iam::111111111111:role/mfa";
    for bad in [
        "s3cret s3cret",
        "[s3cret]",
        "{s3cret: s3cret}",
        "\"s3cret",
        "s3cret: s3cret",
        "!!int s3cret",
        "*s3cret",
    ] {
        let file = entry(&format!("{role}\n  externalId: {bad}"));
        let error = Accounts::parse(file.as_bytes()).expect_err(&file);
        assert!(!error.contains("s3cret"), "{bad}: {error}");
    }
    let accounts = Accounts::parse(FILE.as_bytes()).unwrap();
    assert!(!format!("{accounts:?}").contains("s3cret"));
}

/// Whether a glob matches: a second implementation, independent of the code under test.
fn is_match(glob: &[u8], name: &[u8]) -> bool {
    match (glob, name) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => (0..=name.len()).any(|taken| is_match(rest, &name[taken..])),
        ([b'?', glob @ ..], [_, name @ ..]) => is_match(glob, name),
        ([one, glob @ ..], [other, name @ ..]) => one == other && is_match(glob, name),
        _ => false,
    }
}

fn any_match(globs: &Value, name: &str) -> bool {
    let globs = globs.as_array().into_iter().flatten();
    globs.filter_map(Value::as_str).any(|glob| is_match(glob.as_bytes(), name.as_bytes()))
}

fn entries() -> impl Strategy<Value = Vec<Value>> {
    let globs = || proptest::collection::vec("[ab*?]{1,4}", 1..3);
    let one = (globs(), globs(), globs(), 0..4usize).prop_map(|(namespaces, pools, sms_roles, account)| {
        let arn = format!("arn:aws:iam::{account:012}:role/mfa");
        json!({"namespaces": namespaces, "userPools": pools, "smsCallerRoles": sms_roles, "roleArn": arn})
    });
    proptest::collection::vec(one, 1..5)
}

/// Random bytes, and accounts files with a few bytes replaced.
fn nearly_valid_files() -> impl Strategy<Value = Vec<u8>> {
    let corrupt = |(at, junk): (usize, Vec<u8>)| {
        let mut file = FILE.as_bytes().to_vec();
        let at = at % file.len();
        file.splice(at..(at + junk.len()).min(file.len()), junk);
        file
    };
    let junk = proptest::collection::vec(select(b"[]{}:,-*&!|>#%@`\"' \n\t~a0\xff\0".to_vec()), 0..9);
    prop_oneof![(any::<usize>(), junk).prop_map(corrupt), proptest::collection::vec(any::<u8>(), 0..200)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn an_object_gets_the_access_of_its_first_matching_entry_and_no_other(
        entries in entries(), namespace in "[ab]{1,4}", pool in "[ab]{1,4}", sms_roles in proptest::collection::vec("[ab]{1,4}", 0..3),
    ) {
        let accounts = Accounts::parse(json!({"accounts": entries}).to_string().as_bytes()).unwrap();
        let request = AccessRequest { namespace, pool, sms_roles };
        let first = entries.iter().find(|entry| {
            any_match(&entry["namespaces"], &request.namespace) && any_match(&entry["userPools"], &request.pool)
        });
        let first = first.filter(|entry| request.sms_roles.iter().all(|arn| any_match(&entry["smsCallerRoles"], arn)));
        let granted = accounts.authorize(&request).ok().cloned();
        prop_assert_eq!(granted, first.map(|entry| role(entry["roleArn"].as_str().unwrap(), None)));
    }

    #[test]
    fn any_bytes_parse_as_an_accounts_file_or_give_a_short_error(file in nearly_valid_files()) {
        match Accounts::parse(&file) {
            Ok(accounts) => drop(accounts.authorize(&request("shop", POOL, &[ROLE]))),
            Err(error) => prop_assert!(!error.contains('\n') && error.chars().count() <= 512, "{}", error),
        }
    }
}

#[test]
fn roles_of_every_aws_partition_are_accepted() {
    for arn in [
        "arn:aws:iam::111111111111:role/a",
        "arn:aws-cn:iam::111111111111:role/p/b",
        "arn:aws-us-gov:iam::111111111111:role/c_+=,.@-",
    ] {
        let accounts = Accounts::parse(entry(&format!("roleArn: {arn}")).as_bytes()).unwrap();
        assert_eq!(accounts.authorize(&request("a", POOL, &[])), Ok(&role(arn, None)));
    }
}

#[test]
fn the_debug_text_of_an_identity_has_its_role_without_the_external_id() {
    let shown = format!("{:?}", role("arn:aws:iam::111111111111:role/a", Some("s3cret")));
    assert!(shown.contains("role/a") && !shown.contains("s3cret"), "{shown}");
    assert_eq!(format!("{:?}", Identity::Own), "Own");
}
