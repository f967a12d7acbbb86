//! A TCP proxy between the operator and a server, whose connections a test can break.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{AbortHandle, JoinSet},
};

/// What the proxy does with connections, the open ones included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Forwards them.
    Open,
    /// Keeps them open and forwards nothing, like a firewall that has lost its connection table.
    HalfOpen,
    /// Closes them at once.
    Refusing,
}

pub struct TcpProxy {
    pub address: SocketAddr,
    mode: watch::Sender<Mode>,
    /// The times of the refused connections.
    refused: watch::Receiver<Vec<Instant>>,
    task: AbortHandle,
}

impl Drop for TcpProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl TcpProxy {
    pub async fn start(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let (mode, current_mode) = watch::channel(Mode::Open);
        let (refused_sender, refused) = watch::channel(Vec::new());
        let task = tokio::spawn(accept(listener, server, current_mode, refused_sender)).abort_handle();
        Self { address, mode, refused, task }
    }

    pub fn set_mode(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// Waits until refused connections span this duration.
    pub async fn until_refused_for(&self, duration: Duration) {
        let is_spanned = |times: &Vec<Instant>| {
            times.first().zip(times.last()).is_some_and(|(first, last)| *last - *first >= duration)
        };
        self.refused.clone().wait_for(is_spanned).await.expect("the proxy runs");
    }

    /// The number of refused connections within this duration from the first.
    pub fn refused_within(&self, duration: Duration) -> usize {
        let times = self.refused.borrow();
        times.iter().filter(|at| **at - times[0] <= duration).count()
    }
}

async fn accept(
    listener: TcpListener,
    server: String,
    mode: watch::Receiver<Mode>,
    refused: watch::Sender<Vec<Instant>>,
) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        if *mode.borrow() == Mode::Refusing {
            refused.send_modify(|times| times.push(Instant::now()));
        } else {
            connections.spawn(forward(client, server.clone(), mode.clone()));
        }
    }
}

async fn forward(mut client: TcpStream, server: String, mut mode: watch::Receiver<Mode>) {
    let mut server = TcpStream::connect(server).await.expect("the API server listens");
    let mut break_signal = mode.clone();
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = break_signal.wait_for(|mode| *mode != Mode::Open) => {}
    }
    // A half-open connection stays open until the mode is Refusing, and never works again.
    let _ = mode.wait_for(|mode| *mode == Mode::Refusing).await;
}
