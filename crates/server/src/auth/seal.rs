//! Secrets that the server must read again, such as keys of buckets: sealed with a key made of the server's own.
//!
//! AES-256-GCM with a random nonce. The *place* (which row and column) is sealed in, so that a text copied to another
//! place does not open there. Without the server's key a database, or a backup of one, tells nothing.

use anyhow::anyhow;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf;

/// Says how the rest is to be read.
const VERSION: &str = "1:";

fn key(secret: &[u8]) -> anyhow::Result<RandomizedNonceKey> {
    let failed = |_| anyhow!("the key for secrets could not be made");
    let mut bytes = [0u8; 32];
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"tagloom")
        .extract(secret)
        .expand(&[b"secrets at rest"], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut bytes))
        .map_err(failed)?;
    RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(failed)
}

/// Seals a text for one place.
pub fn seal(secret: &[u8], place: &str, text: &str) -> anyhow::Result<String> {
    let mut sealed = text.as_bytes().to_vec();
    let nonce = key(secret)?
        .seal_in_place_append_tag(Aad::from(place), &mut sealed)
        .map_err(|_| anyhow!("a secret could not be sealed"))?;
    let hex = nonce.as_ref().iter().chain(&sealed).map(|b| format!("{b:02x}")).collect::<String>();
    Ok(format!("{VERSION}{hex}"))
}

/// Opens what was sealed for the same place with the same key.
pub fn open(secret: &[u8], place: &str, sealed: &str) -> anyhow::Result<String> {
    let wrong = || {
        anyhow!(
            "a stored secret cannot be opened: it was sealed with another SECRET_KEY; enter it again: {place}"
        )
    };
    let hex = sealed.strip_prefix(VERSION).filter(|hex| hex.is_ascii()).ok_or_else(wrong)?;
    let byte = |n: usize| hex.get(n..n + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
    let bytes: Option<Vec<u8>> = (0..hex.len()).step_by(2).map(byte).collect();
    let bytes = bytes.filter(|bytes| bytes.len() > NONCE_LEN).ok_or_else(wrong)?;
    let (nonce, rest) = bytes.split_at(NONCE_LEN);
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
    let mut rest = rest.to_vec();
    let text = key(secret)?.open_in_place(nonce, Aad::from(place), &mut rest).map_err(|_| wrong())?;
    String::from_utf8(text.to_vec()).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_with_its_key_and_in_its_place_only() {
        let sealed = seal(b"the key of this server", "storage", "hush, ünïcode").unwrap();
        assert!(
            !sealed.contains("hush") && sealed != seal(b"the key of this server", "storage", "hush").unwrap()
        );
        assert_eq!(open(b"the key of this server", "storage", &sealed).unwrap(), "hush, ünïcode");
        assert!(open(b"another key", "storage", &sealed).is_err());
        assert!(open(b"the key of this server", "elsewhere", &sealed).is_err());
        let mut changed = sealed.clone();
        let last = changed.pop().unwrap();
        changed.push(if last == '0' { '1' } else { '0' });
        for broken in [changed.as_str(), "", "1:", "1:00", "plain text", "1:zz", "1:é"] {
            assert!(open(b"the key of this server", "storage", broken).is_err(), "{broken}");
        }
    }
}
