//! Where a request comes from: its id and the address of the client, behind proxies too.
//!
//! `X-Forwarded-For` is what anybody may write. It counts only as far as the proxies go that the operator trusts: read
//! from its end, the first address that is none of them is the client.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use ipnet::IpNet;
use std::convert::Infallible;
use std::net::IpAddr;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    pub request_id: String,
    /// Nothing where the transport has no addresses.
    pub address: Option<IpAddr>,
}

impl Client {
    /// The address in words, for records.
    pub fn address_text(&self) -> String {
        self.address.map(|a| a.to_string()).unwrap_or_default()
    }

    /// What counts as one client: an IPv6 customer has a whole /64.
    pub fn network(&self) -> Option<String> {
        Some(match self.address? {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        })
    }
}

/// The router puts it into every request; it is empty only where a handler is called without the router.
impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// The client's address, seen from behind the trusted proxies.
pub fn address(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let is_proxy = |a: IpAddr| trusted.iter().any(|net| net.contains(&a));
    let mut client = peer?.to_canonical();
    if !is_proxy(client) {
        return Some(client);
    }
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok());
    let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    for hop in hops.into_iter().rev() {
        // What cannot be read was not written by a proxy of ours.
        let Some(hop) = parse(hop) else { break };
        client = hop;
        if !is_proxy(client) {
            break;
        }
    }
    Some(client)
}

/// `1.2.3.4`, `1.2.3.4:567`, `::1`, `[::1]`, `[::1]:567`.
fn parse(text: &str) -> Option<IpAddr> {
    let socket = || text.parse::<std::net::SocketAddr>().ok().map(|s| s.ip());
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().ok().or_else(socket).map(|a| a.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let of = |peer: &str, forwarded: &[&'static str], trusted: &str| {
            let mut headers = HeaderMap::new();
            for line in forwarded {
                headers.append("x-forwarded-for", HeaderValue::from_static(line));
            }
            let nets: Vec<IpNet> = trusted.split_whitespace().map(|n| n.parse().unwrap()).collect();
            address(peer.parse().ok(), &headers, &nets).map(|a| a.to_string()).unwrap_or_default()
        };
        assert_eq!(of("10.0.0.1", &["1.1.1.1"], ""), "10.0.0.1");
        assert_eq!(of("8.8.8.8", &["1.1.1.1"], "10.0.0.0/8"), "8.8.8.8");
        assert_eq!(of("10.0.0.1", &["1.1.1.1"], "10.0.0.0/8"), "1.1.1.1");
        assert_eq!(of("10.0.0.1", &["6.6.6.6, 1.1.1.1, 10.0.0.2"], "10.0.0.0/8"), "1.1.1.1");
        assert_eq!(of("10.0.0.1", &["6.6.6.6", "1.1.1.1:4711"], "10.0.0.0/8"), "1.1.1.1");
        assert_eq!(of("10.0.0.1", &["6.6.6.6, nonsense, 10.0.0.2"], "10.0.0.0/8"), "10.0.0.2");
        assert_eq!(of("10.0.0.1", &[], "10.0.0.0/8"), "10.0.0.1");
        assert_eq!(of("::ffff:10.0.0.1", &["[2001:db8::1]:99"], "10.0.0.0/8"), "2001:db8::1");
        assert_eq!(of("", &["1.1.1.1"], "0.0.0.0/0"), "");
    }

    #[test]
    fn a_network_of_version_six_is_one_client() {
        let network = |text: &str| {
            Client { address: Some(text.parse().unwrap()), ..Client::default() }.network().unwrap()
        };
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2:ffff::"));
        assert_ne!(network("2001:db8:1:2::"), network("2001:db8:1:3::"));
        assert_eq!(network("1.2.3.4"), "1.2.3.4");
    }
}
