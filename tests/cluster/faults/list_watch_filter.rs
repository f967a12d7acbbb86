//! Changes the responses to lists and watches of the objects, so that the operator sees them as they once were.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::body::{Body, Bytes};
use futures::{StreamExt, channel::mpsc};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::sync::broadcast;

use crate::eventually::eventually;

/// Changes the responses to lists and watches, and records the events of the API server.
#[derive(Debug)]
pub struct ListWatchFilter {
    state: Mutex<State>,
    /// Events for every open watch. None ends the watches.
    injected: broadcast::Sender<Option<Value>>,
}

#[derive(Debug, Default)]
struct State {
    list: Option<Value>,
    copies: usize,
    events: Vec<Value>,
}

impl Default for ListWatchFilter {
    fn default() -> Self {
        let state = State { copies: 1, ..State::default() };
        Self { state: Mutex::new(state), injected: broadcast::Sender::new(64) }
    }
}

impl ListWatchFilter {
    /// Answers lists with this list, or with the API server's own when there is none.
    pub fn replace_lists(&self, list: Option<Value>) {
        self.state().list = list;
    }

    /// Sends each event this many times. With 0, events are dropped.
    pub fn repeat_events(&self, copies: usize) {
        self.state().copies = copies;
    }

    /// Sends an event in every open watch.
    pub async fn inject_event(&self, event: Value) {
        // No watch is open while the operator restarts one.
        eventually("a watch is open", async || self.injected.receiver_count() > 0).await;
        self.injected.send(Some(event)).expect("a watch is open");
    }

    /// Ends every open watch with 410 Gone.
    pub async fn expire_watches(&self) {
        let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": "too old resource version", "reason": "Expired", "code": 410});
        self.inject_event(json!({"type": "ERROR", "object": status})).await;
        self.injected.send(None).expect("a watch is open");
    }

    /// Ends every open watch, as the API server does after its time.
    pub async fn end_watches(&self) {
        eventually("a watch is open", async || self.injected.receiver_count() > 0).await;
        self.injected.send(None).expect("a watch is open");
    }

    /// The events of the API server so far, including the dropped ones.
    pub fn server_events(&self) -> Vec<Value> {
        self.state().events.clone()
    }

    pub(super) fn list(&self, body: Bytes) -> Bytes {
        self.state().list.as_ref().map_or(body, |list| list.to_string().into())
    }

    /// The changed body of a watch.
    pub(super) fn watch(self: &Arc<Self>, server: kube::client::Body) -> Body {
        let (sender, lines) = mpsc::unbounded();
        tokio::spawn(self.clone().follow(server, self.injected.subscribe(), sender));
        Body::from_stream(lines.map(Ok::<_, Infallible>))
    }

    async fn follow(
        self: Arc<Self>,
        mut server: kube::client::Body,
        mut injected: broadcast::Receiver<Option<Value>>,
        sender: mpsc::UnboundedSender<String>,
    ) {
        let mut buffer = Vec::new();
        while !sender.is_closed() {
            let lines = tokio::select! {
                frame = server.frame() => {
                    let Some(Ok(frame)) = frame else { return };
                    buffer.extend(frame.into_data().unwrap_or_default());
                    self.take_events(&mut buffer)
                }
                event = injected.recv() => match event {
                    Ok(Some(event)) => vec![event],
                    _ => return,
                },
            };
            for line in lines {
                // Sending fails only when the client has closed the watch.
                let _ = sender.unbounded_send(format!("{line}\n"));
            }
        }
    }

    /// Takes the complete lines out of the buffer, records their events, and returns those to send.
    fn take_events(&self, buffer: &mut Vec<u8>) -> Vec<Value> {
        let Some(end) = buffer.iter().rposition(|byte| *byte == b'\n') else { return Vec::new() };
        let lines: Vec<u8> = buffer.drain(..=end).collect();
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
