//! The pools of an account and region.

use cognito_mfa_core::calls::failure::{Failure, Operation};

use super::{client::CognitoClient, cognito::Cognito};

/// Pools on one page, the most that AWS takes [model].
const PAGE_SIZE: i32 = 60;

/// A pool as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedPool {
    /// The pool's id.
    pub id: String,
    /// The name that somebody gave it; several pools may have the same.
    pub name: String,
}

/// A page, and what to ask the next one by.
type Page = (Vec<ListedPool>, Option<String>);

impl Cognito {
    /// The region that a flag, the environment, the profile or the node names.
    pub async fn region(&self) -> Option<String> {
        self.clients.region().await
    }

    async fn page(
        &self,
        caller: &CognitoClient<'_>,
        region: &str,
        token: Option<&str>,
    ) -> Result<Page, Failure> {
        self.observed(caller, Operation::List, async |session| {
            let client = self.clients.client(session, region).await;
            let attempt = Self::attempt(Operation::List, caller);
            let call =
                client.list_user_pools().max_results(PAGE_SIZE).set_next_token(token.map(str::to_owned));
            let sent = call.customize().interceptor(attempt.clone()).send().await;
            let answer = sent.map_err(|error| attempt.failure(&error))?;
            let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
            let pools = answer.user_pools().iter();
            let pools = pools.map(|pool| ListedPool { id: text(pool.id()), name: text(pool.name()) });
            Ok((pools.collect(), answer.next_token().map(str::to_owned)))
        })
        .await
    }
}

impl CognitoClient<'_> {
    /// All pools of a region, `ListUserPools`, page by page. None when the caller was called away.
    ///
    /// # Errors
    /// A failure with its class: part of a list is none.
    pub async fn list(&self, region: &str) -> Option<Result<Vec<ListedPool>, Failure>> {
        let (mut pools, mut token): (Vec<ListedPool>, Option<String>) = (Vec::new(), None);
        loop {
            let next = token.as_deref();
            let call = || Box::pin(self.cognito.page(self, region, next));
            let (page, next) = match self.retried(Operation::List, region, call).await? {
                Ok(page) => page,
                Err(failure) => return Some(Err(failure)),
            };
            pools.extend(page);
            token = next;
            if token.is_none() {
                return Some(Ok(pools));
            }
        }
    }
}
