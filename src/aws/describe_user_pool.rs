//! Reads the settings of a pool on which the answer to a write depends.

use cognito_mfa_core::{calls::failure::Operation, doctor::PoolDescription};
use tokio::time::Instant;

use super::{
    call_context::CallContext,
    call_outcome::{CallOutcome, ReadOutcome},
    client::CognitoClient,
    cognito::{Cognito, region},
    error_codes,
    raw_body::RawBody,
};

impl Cognito {
    async fn describe(
        &self,
        context: &CallContext,
        valid_until: Instant,
        pool_id: &str,
    ) -> CallOutcome<PoolDescription> {
        self.call(context, Operation::Describe, valid_until, async |guard| {
            let client = self.clients.client(&context.session, region(Operation::Describe, pool_id)?).await;
            let body = RawBody::default();
            let call = client.describe_user_pool().user_pool_id(pool_id).customize();
            let call = call.interceptor(body.clone()).interceptor(guard);
            call.send()
                .await
                .map_err(|error| error_codes::failure(Operation::Describe, &error, &self.clients.sources))?;
            PoolDescription::decode(&body.body())
        })
        .await
    }
}

impl CognitoClient<'_> {
    /// Reads the pool's other settings, `DescribeUserPool`, in up to three attempts.
    pub async fn describe(&self, pool_id: &str) -> ReadOutcome<PoolDescription> {
        let call = |valid_until| Box::pin(self.cognito.describe(&self.context, valid_until, pool_id));
        self.retry(Operation::Describe, pool_id, call).await
    }
}
