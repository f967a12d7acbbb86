//! Lists the pools of an account and region.

use cognito_mfa_core::calls::failure::Operation;
use tokio::time::Instant;

use super::{
    call_context::CallContext,
    call_outcome::{CallOutcome, ReadOutcome},
    client::CognitoClient,
    cognito::Cognito,
    error_codes,
};

/// Pools on one page, the most that AWS allows [model].
const PAGE_SIZE: i32 = 60;

/// A pool as `ListUserPools` shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedPool {
    /// The id, which begins with the region: `eu-west-1_Ab12Cd34E`.
    pub id: String,
    /// The name that the pool's creator chose. It need not be unique.
    pub name: String,
}

struct Page {
    pools: Vec<ListedPool>,
    next_token: Option<String>,
}

impl Cognito {
    /// The region that a flag, the environment, the profile or the node names.
    pub async fn region(&self) -> Option<String> {
        self.clients.region().await
    }

    async fn page(
        &self,
        context: &CallContext,
        valid_until: Instant,
        region: &str,
        token: Option<&str>,
    ) -> CallOutcome<Page> {
        self.call(context, Operation::List, valid_until, async |guard| {
            let client = self.clients.client(&context.session, region).await;
            let call =
                client.list_user_pools().max_results(PAGE_SIZE).set_next_token(token.map(str::to_owned));
            let answer = call.customize().interceptor(guard).send().await;
            let answer = answer
                .map_err(|error| error_codes::failure(Operation::List, &error, &self.clients.sources))?;
            let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
            let pools = answer.user_pools().iter();
            let pools = pools.map(|pool| ListedPool { id: text(pool.id()), name: text(pool.name()) });
            Ok(Page { pools: pools.collect(), next_token: answer.next_token().map(str::to_owned) })
        })
        .await
    }
}

impl CognitoClient<'_> {
    /// Lists all pools of a region, page by page. A failure on any page fails the list: a part of it would look like
    /// the whole.
    pub async fn list(&self, region: &str) -> ReadOutcome<Vec<ListedPool>> {
        let (mut pools, mut token): (Vec<ListedPool>, Option<String>) = (Vec::new(), None);
        loop {
            let call = |valid_until| {
                Box::pin(self.cognito.page(&self.context, valid_until, region, token.as_deref()))
            };
            let page = match self.retry(Operation::List, region, call).await {
                ReadOutcome::Answered(page) => page,
                ReadOutcome::Failed(failure) => return ReadOutcome::Failed(failure),
                ReadOutcome::Cancelled => return ReadOutcome::Cancelled,
            };
            pools.extend(page.pools);
            token = page.next_token;
            if token.is_none() {
                return ReadOutcome::Answered(pools);
            }
        }
    }
}
