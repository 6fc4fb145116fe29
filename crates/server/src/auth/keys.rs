//! The server's secret, and the keys made of it: one that seals what must be readable again, one for digests that only
//! this server can compute.
//!
//! A stolen database alone tells nothing: sealed text is ChaCha20-Poly1305 under a key that is not in it, bound to its
//! place by a context (`legacy-token:7` does not open as `legacy-token:8`), and a digest cannot be compared with guesses.

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;

/// The signing key. It derefs to its bytes and never shows them.
pub struct Secret(Vec<u8>);

impl Secret {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl std::ops::Deref for Secret {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

pub struct Keys {
    digests: hmac::Key,
    seals: LessSafeKey,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

/// What sealed text begins with; another scheme gets another mark.
const MARK: &str = "sealed1:";

impl Keys {
    pub fn new(secret: &[u8]) -> anyhow::Result<Self> {
        let root = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let seal = hmac::sign(&root, b"tagloom: sealing");
        let digest = hmac::sign(&root, b"tagloom: digests");
        let seals = UnboundKey::new(&CHACHA20_POLY1305, seal.as_ref())
            .map_err(|_| anyhow::anyhow!("the sealing key has a wrong length"))?;
        Ok(Self {
            digests: hmac::Key::new(hmac::HMAC_SHA256, digest.as_ref()),
            seals: LessSafeKey::new(seals),
        })
    }

    /// What is stored of a secret that is looked up by itself.
    pub fn digest(&self, text: &str) -> String {
        super::hex(hmac::sign(&self.digests, text.as_bytes()).as_ref())
    }

    /// Text that only [`Keys::open`] with the same context makes readable.
    pub fn seal(&self, context: &str, text: &str) -> anyhow::Result<String> {
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut bytes = text.as_bytes().to_vec();
        self.seals
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context.as_bytes()),
                &mut bytes,
            )
            .map_err(|_| anyhow::anyhow!("sealing failed"))?;
        Ok(format!("{MARK}{}{}", super::hex(&nonce), super::hex(&bytes)))
    }

    /// Nothing for text that was sealed elsewhere, under another secret, or changed.
    pub fn open(&self, context: &str, sealed: &str) -> Option<String> {
        let mut bytes = super::unhex(sealed.strip_prefix(MARK)?)?;
        if bytes.len() < NONCE_LEN {
            return None;
        }
        let mut rest = bytes.split_off(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(&bytes).ok()?;
        let plain = self.seals.open_in_place(nonce, Aad::from(context.as_bytes()), &mut rest).ok()?;
        String::from_utf8(plain.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_text_opens_in_its_place_only() {
        let keys = Keys::new(b"one secret of a server, long enough").unwrap();
        let other = Keys::new(b"another secret of another server...").unwrap();
        let sealed = keys.seal("place 1", "tokén").unwrap();
        assert!(!sealed.contains("tok"), "{sealed}");
        assert_ne!(sealed, keys.seal("place 1", "tokén").unwrap(), "every sealing has a nonce of its own");
        assert_eq!(keys.open("place 1", &sealed).as_deref(), Some("tokén"));
        assert_eq!(keys.open("place 2", &sealed), None);
        assert_eq!(other.open("place 1", &sealed), None);
        for broken in ["", "sealed1:", "sealed1:zz", "sealed1:00", &sealed[..sealed.len() - 2], "tokén"] {
            assert_eq!(keys.open("place 1", broken), None, "{broken}");
        }
    }

    #[test]
    fn digests_depend_on_the_secret() {
        let keys = Keys::new(b"one secret of a server, long enough").unwrap();
        assert_eq!(keys.digest("a"), keys.digest("a"));
        assert_ne!(keys.digest("a"), keys.digest("b"));
        assert_ne!(keys.digest("a"), Keys::new(b"another secret").unwrap().digest("a"));
        let secret = Secret::new(b"a key".to_vec());
        assert!(!format!("{secret:?} {keys:?}").contains("key"), "{secret:?}");
    }
}
