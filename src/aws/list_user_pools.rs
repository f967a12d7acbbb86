//! The pools of an account and region.

use cognito_mfa_core::calls::failure::{Failure, Operation};

use super::{client::Caller, cognito::Gateway};

/// Pools on one page, the most that AWS takes [model].
const PAGE: i32 = 60;

/// A pool as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// The pool's id.
    pub id: String,
    /// The name that somebody gave it; several pools may have the same.
    pub name: String,
}

/// A page, and what to ask the next one by.
type Page = (Vec<Listed>, Option<String>);

impl Gateway {
    /// The region that a flag, the environment, the profile or the node names.
    pub async fn region(&self) -> Option<String> {
        self.clients.region().await
    }

    async fn page(&self, caller: &Caller<'_>, region: &str, token: Option<&str>) -> Result<Page, Failure> {
        self.observed(caller, Operation::List, async |session| {
            let client = self.clients.client(session, region).await;
            let attempt = Self::attempt(Operation::List, caller);
            let call = client.list_user_pools().max_results(PAGE).set_next_token(token.map(str::to_owned));
            let sent = call.customize().interceptor(attempt.clone()).send().await;
            let answer = sent.map_err(|error| attempt.failure(&error))?;
            let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
            let pools = answer.user_pools().iter();
            let pools = pools.map(|pool| Listed { id: text(pool.id()), name: text(pool.name()) });
            Ok((pools.collect(), answer.next_token().map(str::to_owned)))
        })
        .await
    }
}

impl Caller<'_> {
    /// All pools of a region, `ListUserPools`, page by page. None when the caller was called away.
    ///
    /// # Errors
    /// A failure with its class: part of a list is none.
    pub async fn list(&self, region: &str) -> Option<Result<Vec<Listed>, Failure>> {
        let (mut pools, mut token): (Vec<Listed>, Option<String>) = (Vec::new(), None);
        loop {
            let next = token.as_deref();
            let call = || Box::pin(self.gateway.page(self, region, next));
            let (page, next) = match self.tried(Operation::List, region, call).await? {
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
