//! Random names and secrets, from the system's generator.
//!
//! A secret begins with [`CANARY`], whatever it is for: one search finds a leak of any of them.

use std::fmt::Write as _;

use ring::rand::{SecureRandom, SystemRandom};

/// What every secret that is made up here begins with: in hexadecimal, six of its bytes.
pub const CANARY: &str = "ca9a51dca9a5";

/// A secret of `bytes` bytes, at least 12, as twice as many lower-case hexadecimal digits; all but
/// [`CANARY`] are random.
pub fn secret(bytes: usize) -> String {
    let mut secret = hex(bytes);
    secret.replace_range(..CANARY.len(), CANARY);
    secret
}

/// `bytes` random bytes, as twice as many lower-case hexadecimal digits.
pub fn hex(bytes: usize) -> String {
    digits(&random(bytes))
}

/// A random (version 4) UUID, the form of AWS's request and message ids (RFC 9562, 5.4).
pub fn uuid() -> String {
    let mut digits = hex(16);
    digits.replace_range(12..13, "4");
    digits.replace_range(16..17, "8");
    for dash in [20, 16, 12, 8] {
        digits.insert(dash, '-');
    }
    digits
}

#[expect(clippy::expect_used, reason = "a machine without randomness can make no secret: stop")]
fn random(bytes: usize) -> Vec<u8> {
    let mut random = vec![0; bytes];
    SystemRandom::new().fill(&mut random).expect("the system gives random bytes");
    random
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_its_version_and_variant_in_place() {
        let uuid = uuid();

        let groups: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
        assert_eq!(&uuid[14..15], "4");
        assert_eq!(&uuid[19..20], "8");
    }

    #[test]
    fn a_secret_is_recognized_and_no_two_are_alike() {
        let (one, other) = (secret(12), secret(12));

        assert_eq!(one.len(), 24);
        assert!(one.starts_with(CANARY) && other.starts_with(CANARY));
        assert_ne!(one, other);
    }

    #[test]
    fn small_bytes_keep_their_leading_zero() {
        assert_eq!(digits(&[0, 1, 255]), "0001ff");
    }
}
