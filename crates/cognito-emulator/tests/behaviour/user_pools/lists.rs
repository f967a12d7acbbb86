//! ListUserPools.

use cognito_emulator::Facts;

use super::*;

#[tokio::test]
async fn pools_are_listed_in_pages_each_pool_once_model() {
    let emulator = start().await;
    for name in ["eu-west-1_Other0000", "us-east-1_Aa", "us-east-1_Bb", "us-east-1_Cc", "us-east-1_Dd"] {
        emulator.state().pools.create(name, Facts::default());
    }
    let (mut request, mut pages) = (json!({"MaxResults": 2}), Vec::new());
    loop {
        let page = call(&emulator, "ListUserPools", &request).await.json();
        pages.push(
            page["UserPools"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|pool| pool["Id"].clone())
                .collect::<Vec<_>>(),
        );
        let Some(token) = page.get("NextToken") else { break };
        request["NextToken"] = token.clone();
    }
    assert_eq!(json!(pages), json!([["us-east-1_Aa", "us-east-1_Bb"], ["us-east-1_Cc", "us-east-1_Dd"]]));
}

#[tokio::test]
async fn a_list_needs_a_valid_size_and_token_model() {
    let emulator = start().await;
    for request in [
        json!({}),
        json!({"MaxResults": 0}),
        json!({"MaxResults": 61}),
        json!({"MaxResults": 1, "NextToken": "x"}),
    ] {
        assert_eq!(
            call(&emulator, "ListUserPools", &request).await.code(),
            "InvalidParameterException",
            "{request}"
        );
    }
    assert_eq!(
        call(&emulator, "ListUserPools", &json!({"MaxResults": "1"})).await.code(),
        "SerializationException"
    );
}
