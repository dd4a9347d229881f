//! HMAC-SHA256 in its three uses: Slack's signature on what it sends us ([`request`]), Sentry's
//! ([`webhook`]), and ours on the links and forms we hand out ([`link`]).
//!
//! A MAC is compared by [`hmac::Mac::verify_slice`] and nothing else: constant time, and the
//! right MAC never leaves this module, not even in an error.

pub mod link;
pub mod request;
pub mod webhook;

use hmac::{Hmac, KeyInit, Mac};
use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest, Sha256};

/// The machine has no randomness to give. Nothing that needs a nonce can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no randomness available")]
pub struct NoRandomness;

/// Random bytes from the operating system.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// SHA-256 as lower-case hex: how a nonce, a cookie or a state is stored, so that a table dump
/// opens nothing.
pub fn sha256_hex(bytes: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).map_or('0', |&d| char::from(d));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// An HMAC over parts that cannot run into each other: each is preceded by its length.
fn mac_of_parts(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = keyed(key);
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac
}

/// HMAC takes a key of any length (RFC 2104): a longer one than the block is hashed first, a
/// shorter one is padded. Doing the first here leaves no error to handle.
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    let digest;
    let key = if key.len() > block.len() {
        digest = Sha256::digest(key);
        digest.as_slice()
    } else {
        key
    };
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    Hmac::new(&block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_any_length_signs_as_rfc_2104_says() {
        for length in [0, 1, 63, 64, 65, 200] {
            let key = vec![7; length];
            let expected = <Hmac<Sha256> as KeyInit>::new_from_slice(&key)
                .unwrap()
                .chain_update(b"text")
                .finalize();

            let mac = keyed(&key).chain_update(b"text").finalize();

            assert_eq!(mac.into_bytes(), expected.into_bytes(), "{length} bytes");
        }
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        let one = mac_of_parts(b"key", &[b"ab", b"c"]).finalize().into_bytes();
        let other = mac_of_parts(b"key", &[b"a", b"bc"]).finalize().into_bytes();

        assert_ne!(one, other);
    }

    #[test]
    fn hex_is_lower_case() {
        assert_eq!(hex(&[0x00, 0xff, 0x1a]), "00ff1a");
    }
}
