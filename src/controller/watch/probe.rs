//! Asks the API server now and then whether it has gone back in time.

use std::{sync::Arc, time::Duration};

use kube::{Api, api::ListParams};
use tokio::time::sleep;

use super::Object;
use crate::controller::{context::Context, table::parse_version};

/// How often the API server is asked. A fleet without changes writes nothing, and would never notice.
const INTERVAL: Duration = Duration::from_secs(15);

/// Asks for a list of one object, whose version is that of the whole store, and has all objects listed again when it is
/// older than what a watch has shown before the question. The first of the namespaces that may be listed is asked.
pub async fn probe(apis: Vec<Api<Object>>, context: Arc<Context>) {
    loop {
        sleep(INTERVAL).await;
        let seen = context.table.newest_version();
        for api in &apis {
            let Ok(list) = api.list_metadata(&ListParams::default().limit(1)).await else { continue };
            if parse_version(list.metadata.resource_version.as_deref()).is_some_and(|now| now < seen) {
                context.watches.relists.request("list");
            }
            break;
        }
    }
}
