//! Names to addresses, each checked before anything connects to it.

use super::error::{Error, Refused};
use super::subnets::Subnets;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Where addresses of a name come from.
#[async_trait::async_trait]
pub trait Lookup: std::fmt::Debug + Send + Sync {
    async fn addresses(&self, name: &str) -> std::io::Result<Vec<IpAddr>>;
}

/// The machine's own resolver.
#[derive(Clone, Copy, Debug)]
pub struct SystemLookup;

#[async_trait::async_trait]
impl Lookup for SystemLookup {
    async fn addresses(&self, name: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// A look-up that gives addresses only where all of them are admitted.
#[derive(Debug)]
pub(super) struct Guarded {
    pub subnets: Arc<Subnets>,
    pub names: Arc<dyn Lookup>,
}

impl Guarded {
    pub async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Error> {
        let found = self.names.addresses(name).await;
        let found =
            found.ok().filter(|list| !list.is_empty()).ok_or_else(|| Error::UnknownHost(name.to_owned()))?;
        if found.iter().all(|address| self.subnets.admits(*address)) {
            Ok(found)
        } else {
            Err(Refused::Address(name.to_owned()).into())
        }
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Self { subnets: Arc::clone(&self.subnets), names: Arc::clone(&self.names) };
        Box::pin(async move {
            let found = guard.addresses(name.as_str()).await?;
            Ok(Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}
