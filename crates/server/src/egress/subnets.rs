//! Which addresses an outgoing request may reach (spec/server.md section 7).

use ipnet::IpNet;
use std::net::IpAddr;

/// Addresses that are not on the public internet.
const BANNED: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "233.252.0.0/24",
    "240.0.0.0/4",
    "255.255.255.255/32",
    "::/96",
    "::1/128",
    "::ffff:0:0/96",
    "::ffff:0:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/32",
    "2001:20::/28",
    "2001:db8::/32",
    "2002::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
];

/// What the operator has decided.
#[derive(Clone, Debug)]
pub struct Subnets {
    /// `SSRF_PROTECTION_ENABLED`; off, every address is admitted.
    enabled: bool,
    banned: Vec<IpNet>,
    /// `SSRF_ALLOWED_SUBNETS`: exceptions, for a bucket or a webhook inside one's own network.
    allowed: Vec<IpNet>,
}

impl Default for Subnets {
    fn default() -> Self {
        Self { enabled: true, banned: defaults(), allowed: Vec::new() }
    }
}

fn defaults() -> Vec<IpNet> {
    BANNED.iter().filter_map(|text| text.parse().ok()).collect()
}

impl Subnets {
    /// From the environment; `read` gives a variable's text. An entry that is no subnet is an error that names it.
    pub fn from_env(
        read: impl Fn(&str) -> Option<String>,
        flag: impl Fn(&str, bool) -> anyhow::Result<bool>,
    ) -> anyhow::Result<Self> {
        let list = |name: &str| read(name).map_or(Ok(Vec::new()), |text| parse_list(name, &text));
        let mut banned = if flag("USE_DEFAULT_BANNED_SUBNETS", true)? { defaults() } else { Vec::new() };
        banned.extend(list("USER_ADDITIONAL_BANNED_SUBNETS")?);
        Ok(Self {
            enabled: flag("SSRF_PROTECTION_ENABLED", true)?,
            banned,
            allowed: list("SSRF_ALLOWED_SUBNETS")?,
        })
    }

    /// The same, with exceptions added.
    pub fn allowing(mut self, nets: impl IntoIterator<Item = IpNet>) -> Self {
        self.allowed.extend(nets);
        self
    }

    pub fn admits(&self, address: IpAddr) -> bool {
        // A mapped address reaches the IPv4 one: an exception for that one holds, a ban on either counts.
        let plain = address.to_canonical();
        if !self.enabled || self.allowed.iter().any(|net| net.contains(&plain)) {
            return true;
        }
        !self.banned.iter().any(|net| net.contains(&address) || net.contains(&plain))
    }
}

/// Subnets or single addresses, parted by commas or spaces.
pub fn parse_list(name: &str, text: &str) -> anyhow::Result<Vec<IpNet>> {
    let parts = text.split([',', ' ']).map(str::trim).filter(|part| !part.is_empty());
    let parse = |part: &str| {
        part.parse::<IpNet>().ok().or_else(|| part.parse::<IpAddr>().ok().map(IpNet::from)).ok_or_else(|| {
            anyhow::anyhow!(
                "the environment variable {name} lists subnets such as 10.0.0.0/8; {part:?} is none"
            )
        })
    };
    parts.map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(vars: &[(&str, &str)]) -> anyhow::Result<Subnets> {
        let read = |name: &str| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        Subnets::from_env(read, |name, default| Ok(read(name).map_or(default, |v| v == "true")))
    }

    #[test]
    fn every_default_is_a_subnet() {
        assert_eq!(defaults().len(), BANNED.len());
    }

    #[test]
    fn exceptions_and_additions_count() {
        let nets = from(&[
            ("SSRF_ALLOWED_SUBNETS", "10.1.0.0/16, 192.168.3.4"),
            ("USER_ADDITIONAL_BANNED_SUBNETS", "8.8.8.0/24"),
        ])
        .unwrap();
        let admits = |text: &str| nets.admits(text.parse().unwrap());
        assert!(
            admits("10.1.2.3") && admits("192.168.3.4") && admits("1.1.1.1") && admits("::ffff:10.1.2.3")
        );
        assert!(
            !admits("10.2.0.1") && !admits("192.168.3.5") && !admits("8.8.8.8") && !admits("::ffff:8.8.8.8")
        );
        let none = from(&[("USE_DEFAULT_BANNED_SUBNETS", "false")]).unwrap();
        assert!(none.admits("127.0.0.1".parse().unwrap()));
        let off = from(&[("SSRF_PROTECTION_ENABLED", "false")]).unwrap();
        assert!(off.admits("169.254.169.254".parse().unwrap()));
        let wrong = from(&[("SSRF_ALLOWED_SUBNETS", "10.0.0.0/99")]).unwrap_err();
        assert!(wrong.to_string().contains("10.0.0.0/99"), "{wrong}");
    }
}
