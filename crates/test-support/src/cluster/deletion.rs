//! Deletions of objects whose pool has something to lose.

use cognito_mfa_core::api::v1alpha1::{FINALIZER, UserPoolMfaConfig};
use kube::{api::DeleteParams, runtime::wait::await_condition};
use serde_json::{Value, json};

use super::rig::{DEADLINE, Rig};

impl Rig {
    /// Applies an object that disables, and waits until it is settled with its finalizer.
    pub async fn settled(&self, name: &str, spec: Value) {
        self.apply(name, spec).await;
        self.until_reason(name, "InSync").await;
        self.until_finalizers(name, &[FINALIZER]).await;
    }

    pub async fn until_finalizers(&self, name: &str, wanted: &[&str]) {
        let has = |object: Option<&UserPoolMfaConfig>| {
            object.is_some_and(|object| object.metadata.finalizers.clone().unwrap_or_default() == wanted)
        };
        let met = tokio::time::timeout(DEADLINE, await_condition(self.objects(), name, has)).await;
        met.expect("the finalizers come in time").expect("the watch works");
    }

    /// Asks for the deletion, and leaves it to the operator.
    pub async fn ask_to_delete(&self, name: &str) {
        self.objects().delete(name, &DeleteParams::default()).await.expect("deletion is asked for");
    }

    pub fn mode(&self, pool: &str) -> Value {
        self.aws.state().pools.find(pool).expect("the pool is there").live["MfaConfiguration"].clone()
    }

    /// Deletes the object, and tells why its pool was left.
    pub async fn retained(&self, name: &str, pool: &str) -> String {
        let sets = self.cost(pool).1;
        self.delete(name).await;
        assert_eq!((self.cost(pool).1, self.mode(pool)), (sets, json!("ON")), "{name} was not to be set");
        // The event follows the object's end, and others may have come before it.
        let told = async {
            loop {
                let all = self.events(name, 1).await;
                if let Some((_, note)) = all.into_iter().find(|(reason, _)| reason == "MfaRetained") {
                    return note;
                }
            }
        };
        tokio::time::timeout(DEADLINE, told).await.expect("it is told why the pool is left")
    }
}
