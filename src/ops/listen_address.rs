//! Where the operator serves its pages.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use tokio::net::TcpListener;

/// An address with a port, or a port of every address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenAddress(Vec<SocketAddr>);

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(port) = text.strip_prefix(':').and_then(|port| port.parse::<u16>().ok()) {
            // On Linux a socket of [::] accepts IPv4 connections, too. Without IPv6 in the kernel there is no such socket.
            return Ok(Self(vec![
                (Ipv6Addr::UNSPECIFIED, port).into(),
                (Ipv4Addr::UNSPECIFIED, port).into(),
            ]));
        }
        text.parse().map(|address| Self(vec![address])).map_err(|_| {
            "write :8080 for every address, or one address, such as 127.0.0.1:8080 or [::1]:8080".into()
        })
    }
}

impl ListenAddress {
    /// Listens on the first of the addresses that this machine has.
    ///
    /// # Errors
    /// A sentence, when none can be listened on.
    pub async fn bind(&self) -> Result<TcpListener, String> {
        let listener = TcpListener::bind(&self.0[..]).await;
        listener.map_err(|error| {
            let addresses: Vec<_> = self.0.iter().map(ToString::to_string).collect();
            format!("cannot listen on {}: {error}; choose another --listen", addresses.join(" or "))
        })
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;

    use super::*;

    fn listen(text: &str) -> ListenAddress {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn a_port_alone_is_served_over_ipv4_and_ipv6() {
        let listener = listen(":0").bind().await.unwrap();
        let port = listener.local_addr().unwrap().port();
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        TcpStream::connect((Ipv6Addr::LOCALHOST, port)).await.unwrap();
    }

    #[tokio::test]
    async fn an_address_that_this_machine_does_not_have_falls_back_to_the_next() {
        // An address of documentation, which stands for [::] where there is no IPv6.
        let missing = (Ipv6Addr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]), 0).into();
        let address = ListenAddress(vec![missing, (Ipv4Addr::LOCALHOST, 0).into()]);
        assert!(address.bind().await.unwrap().local_addr().unwrap().is_ipv4());
        let error = ListenAddress(vec![missing]).bind().await.unwrap_err();
        assert!(error.contains("[2001:db8::1]:0") && error.contains("choose another --listen"), "{error}");
    }

    #[test]
    fn one_address_is_taken_as_it_is() {
        assert_eq!(listen("127.0.0.1:80").0, ["127.0.0.1:80".parse().unwrap()]);
        assert_eq!(listen("[::1]:80").0, ["[::1]:80".parse().unwrap()]);
        for wrong in ["8080", ":", ":x", "localhost:80", "::1:80:x"] {
            assert!(wrong.parse::<ListenAddress>().unwrap_err().contains("write :8080"), "{wrong}");
        }
    }
}
