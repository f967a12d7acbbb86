//! What the operator is shown of the objects: as they are, or as they were.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::body::{Body, Bytes};
use futures::{StreamExt, channel::mpsc};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::sync::broadcast;

use crate::election::eventually;

/// The answers to lists and watches of the objects, and what was in them.
#[derive(Debug)]
pub struct View {
    state: Mutex<State>,
    /// Told to every open watch; None ends them.
    shown: broadcast::Sender<Option<Value>>,
}

#[derive(Debug, Default)]
struct State {
    list: Option<Value>,
    copies: usize,
    events: Vec<Value>,
}

impl Default for View {
    fn default() -> Self {
        let state = State { copies: 1, ..State::default() };
        Self { state: Mutex::new(state), shown: broadcast::Sender::new(64) }
    }
}

impl View {
    /// Lists answer with this list, where there is one.
    pub fn lists_show(&self, list: Option<Value>) {
        self.state().list = list;
    }

    /// Watches show each event so often: 0 times and it is dropped.
    pub fn watches_show(&self, copies: usize) {
        self.state().copies = copies;
    }

    /// Shows an event in every open watch.
    pub async fn show(&self, event: Value) {
        // Between two watches there is none.
        eventually("a watch is open", async || self.shown.receiver_count() > 0).await;
        self.shown.send(Some(event)).expect("a watch is open");
    }

    /// Ends every open watch: its version is gone.
    pub async fn gone(&self) {
        let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": "too old resource version", "reason": "Expired", "code": 410});
        self.show(json!({"type": "ERROR", "object": status})).await;
        self.shown.send(None).expect("a watch is open");
    }

    /// The events of the API server so far, dropped ones included.
    pub fn events(&self) -> Vec<Value> {
        self.state().events.clone()
    }

    pub(super) fn list(&self, whole: Bytes) -> Bytes {
        self.state().list.as_ref().map_or(whole, |list| list.to_string().into())
    }

    /// The body of a watch.
    pub(super) fn watch(self: &Arc<Self>, server: kube::client::Body) -> Body {
        let (tell, told) = mpsc::unbounded();
        tokio::spawn(self.clone().follow(server, self.shown.subscribe(), tell));
        Body::from_stream(told.map(Ok::<_, Infallible>))
    }

    async fn follow(
        self: Arc<Self>,
        mut server: kube::client::Body,
        mut shown: broadcast::Receiver<Option<Value>>,
        tell: mpsc::UnboundedSender<String>,
    ) {
        let mut rest = Vec::new();
        while !tell.is_closed() {
            let lines = tokio::select! {
                frame = server.frame() => {
                    let Some(Ok(frame)) = frame else { return };
                    rest.extend(frame.into_data().unwrap_or_default());
                    self.events_in(&mut rest)
                }
                event = shown.recv() => match event {
                    Ok(Some(event)) => vec![event],
                    _ => return,
                },
            };
            for line in lines {
                // Whoever watched is gone.
                let _ = tell.unbounded_send(format!("{line}\n"));
            }
        }
    }

    /// Takes the whole lines of an answer, and returns what is shown of them.
    fn events_in(&self, rest: &mut Vec<u8>) -> Vec<Value> {
        let Some(end) = rest.iter().rposition(|byte| *byte == b'\n') else { return Vec::new() };
        let lines: Vec<u8> = rest.drain(..=end).collect();
        let events: Vec<Value> = serde_json::Deserializer::from_slice(&lines)
            .into_iter()
            .map(|event| event.expect("a watch is lines of JSON"))
            .collect();
        let mut state = self.state();
        state.events.extend(events.iter().filter(|event| event["type"] != "BOOKMARK").cloned());
        let copies = state.copies;
        events.into_iter().flat_map(|event| std::iter::repeat_n(event, copies)).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
