//! Whether requests to an API server go to a proxy: judged against the server, as kubectl does it.

use std::net::IpAddr;

use axum::http::Uri;
use hyper_util::client::proxy::matcher::Matcher;

/// The proxy of the environment for a server.
///
/// # Errors
/// A sentence, when the proxy's address is no URL.
pub(super) fn proxy(server: &Uri, variable: impl Fn(&str) -> Option<String>) -> Result<Option<Uri>, String> {
    let first = |names: [&str; 2]| names.into_iter().filter_map(&variable).find(|value| !value.is_empty());
    let names = if server.scheme_str() == Some("http") {
        ["HTTP_PROXY", "http_proxy"]
    } else {
        ["HTTPS_PROXY", "https_proxy"]
    };
    let Some(proxy) = first(names).filter(|_| !is_loopback(server)) else { return Ok(None) };
    let proxy = parse(&proxy)?;
    let no = first(["NO_PROXY", "no_proxy"]).unwrap_or_default();
    if no.split(',').any(|entry| entry.trim() == "*") {
        return Ok(None);
    }
    // Only the decision is the matcher's: its address lacks the proxy's user and password.
    let matcher = Matcher::builder().all("http://proxy.invalid").no(hosts(&no, server)).build();
    Ok(matcher.intercept(server).map(|_| proxy))
}

/// The address of a proxy. Without a scheme it is one of HTTP.
///
/// # Errors
/// A sentence, when it is no URL. It does not have the address, which may have a password.
pub(super) fn parse(proxy: &str) -> Result<Uri, String> {
    let url = if proxy.contains("://") { proxy.to_owned() } else { format!("http://{proxy}") };
    url.parse().map_err(|error| {
        format!("the proxy's address, of HTTPS_PROXY or of proxy-url in the kubeconfig, is no URL ({error}): write it like http://10.0.0.1:3128")
    })
}

/// kubectl never sends requests for the own machine to a proxy.
fn is_loopback(server: &Uri) -> bool {
    let host = server.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The hosts and networks of NO_PROXY that apply to the server's port, without ports and brackets. An entry that cannot
/// be read matches nothing.
fn hosts(list: &str, server: &Uri) -> String {
    let port = server.port_u16().unwrap_or(if server.scheme_str() == Some("http") { 80 } else { 443 });
    let hosts = list.split(',').filter_map(|entry| host(entry.trim(), port));
    hosts.collect::<Vec<_>>().join(",")
}

fn host(entry: &str, port: u16) -> Option<&str> {
    if let Some(address) = entry.strip_prefix('[') {
        let (address, rest) = address.split_once(']')?;
        return (rest.is_empty() || rest == format!(":{port}")).then_some(address);
    }
    match entry.split_once(':') {
        Some((host, of_entry)) if !of_entry.contains(':') => (of_entry.parse() == Ok(port)).then_some(host),
        _ => Some(entry.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(entry)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes_to_the_proxy(server: &str, no_proxy: &str) -> bool {
        let variable = |name: &str| match name {
            "HTTPS_PROXY" => Some("http://10.9.9.9:3128".to_owned()),
            "NO_PROXY" => Some(no_proxy.to_owned()),
            _ => None,
        };
        proxy(&server.parse().unwrap(), variable).unwrap().is_some()
    }

    #[test]
    fn no_proxy_is_judged_against_the_server() {
        for direct in [
            "192.0.2.7",
            "192.0.2.0/24",
            "*",
            "localhost, 192.0.2.7",
            "localhost,192.0.2.7,",
            ".svc,.cluster.local,192.0.2.7,[::1]",
            "192.0.2.7:6443",
            "not an entry,::,192.0.2.7",
        ] {
            assert!(!goes_to_the_proxy("https://192.0.2.7:6443", direct), "{direct}");
        }
        for other in ["", "10.9.9.9", "10.0.0.0/8", "192.0.2.7:443", "192.0.2.8", "example.com", ","] {
            assert!(goes_to_the_proxy("https://192.0.2.7:6443", other), "{other}");
        }
    }

    #[test]
    fn names_and_ipv6_addresses_are_matched() {
        for (server, direct) in [
            ("https://api.example.com", "example.com"),
            ("https://api.example.com", ".example.com"),
            ("https://api.example.com", "*.example.com"),
            ("https://api.example.com", "api.example.com:443"),
            ("https://[2001:db8::7]:6443", "2001:db8::/32"),
            ("https://[2001:db8::7]:6443", "[2001:db8::7]"),
            ("https://[2001:db8::7]:6443", "[2001:db8::7]:6443"),
        ] {
            assert!(!goes_to_the_proxy(server, direct), "{server} {direct}");
            assert!(goes_to_the_proxy(server, "example.org"), "{server}");
        }
    }

    #[test]
    fn the_own_machine_is_asked_directly() {
        for server in ["https://127.0.0.1:6443", "https://localhost:6443", "https://[::1]:6443"] {
            assert!(!goes_to_the_proxy(server, ""), "{server}");
        }
    }

    #[test]
    fn a_proxy_keeps_its_user_and_needs_no_scheme() {
        let of = |address: &'static str| {
            let variable = |name: &str| (name == "https_proxy").then(|| address.to_owned());
            proxy(&"https://192.0.2.7".parse().unwrap(), variable)
        };
        assert_eq!(of("10.9.9.9:3128").unwrap().unwrap(), "http://10.9.9.9:3128");
        assert_eq!(of("http://a:b@10.9.9.9:3128").unwrap().unwrap(), "http://a:b@10.9.9.9:3128");
        assert!(!of("http://a:secret@exa mple").unwrap_err().contains("secret"));
        assert_eq!(of("").unwrap(), None);
    }
}
