//! A TCP proxy between the operator and the API server that can be broken.

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

/// What the proxy does with connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They are forwarded.
    Open,
    /// They stay open and nothing is forwarded, as behind a firewall that has forgotten them.
    HalfOpen,
    /// They are closed.
    Refusing,
}

pub struct Proxy {
    pub address: SocketAddr,
    mode: watch::Sender<Mode>,
    /// When connections were refused.
    refused: watch::Receiver<Vec<Instant>>,
    task: AbortHandle,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    pub async fn start(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let (mode, now) = watch::channel(Mode::Open);
        let (tell, refused) = watch::channel(Vec::new());
        let task = tokio::spawn(accept(listener, server, now, tell)).abort_handle();
        Self { address, mode, refused, task }
    }

    pub fn turn(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// Waits until connections were refused over this long a time.
    pub async fn until_refused_for(&self, long: Duration) {
        let spans = |times: &Vec<Instant>| {
            times.first().zip(times.last()).is_some_and(|(first, last)| *last - *first >= long)
        };
        self.refused.clone().wait_for(spans).await.expect("the proxy runs");
    }

    /// How many connections were refused within this time of the first.
    pub fn refused_within(&self, time: Duration) -> usize {
        let times = self.refused.borrow();
        times.iter().filter(|at| **at - times[0] <= time).count()
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
    let mut broken = mode.clone();
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = broken.wait_for(|mode| *mode != Mode::Open) => {}
    }
    // Half open, both ends are held until the connection is to be closed: it never comes back to life.
    let _ = mode.wait_for(|mode| *mode == Mode::Refusing).await;
}
