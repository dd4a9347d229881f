//! What the targets share: a moment, keys, and ways to bend what is genuine.
//!
//! A fuzzer forges no MAC, so random bytes alone would only ever be refused. Each target that is about
//! a signature therefore makes a genuine one, bends it by the input's own script, and asks that nothing
//! opens but the genuine article.

use std::sync::LazyLock;

use http::{HeaderMap, HeaderValue};
use shared::{
    clock::Timestamp,
    ids::{ChannelId, OrganizationId, SlackUserId, Tenant},
    secret::Secret,
    signing::{
        link::{LIFE, LinkClaims, Signer},
        request::{RequestVerifier, SIGNATURE, Signed, TIMESTAMP, Verified, sign},
    },
};

/// When everything happens.
pub const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

/// What the sample payloads are signed with.
pub const SIGNING_SECRET: &str = "test-signing-secret-0123456789abcdef";

/// Signs and opens links; one key is on its way out.
pub static SIGNER: LazyLock<Signer> = LazyLock::new(|| {
    Signer::new(vec![
        Secret::new("fuzz-master-key-0123456789abcdef"),
        Secret::new("fuzz-master-key-of-the-year-before"),
    ])
});

/// Proves that Slack sent something.
pub static VERIFIER: LazyLock<RequestVerifier> =
    LazyLock::new(|| RequestVerifier::new(vec![Secret::new(SIGNING_SECRET)]));

/// The headers that Slack would send with `body`.
pub fn headers(body: &[u8]) -> HeaderMap {
    let signature = sign(&Secret::new(SIGNING_SECRET), NOW.secs(), body);
    HeaderMap::from_iter([
        (TIMESTAMP, HeaderValue::from(NOW.secs())),
        (SIGNATURE, HeaderValue::from_str(&signature).unwrap()),
    ])
}

/// `body` as Slack signed it: only such a body can be parsed.
pub fn verified(body: &[u8]) -> Verified<Signed> {
    VERIFIER.verify(&headers(body), body.to_vec(), NOW).unwrap()
}

/// What a link says of its owner, a little different for each input.
pub fn claims(seed: &[u8]) -> LinkClaims {
    let digit = |at: usize| seed.get(at).copied().unwrap_or_default();
    LinkClaims {
        nonce: format!("nonce-{}", digit(0)),
        tenant: Tenant::parse("T0ACME0001").unwrap(),
        user: SlackUserId::parse(&format!("U0ALICE{:03}", digit(1))).unwrap(),
        organization: OrganizationId::parse("1").unwrap(),
        channel: (digit(2) % 2 == 0).then(|| ChannelId::parse("C0ALERTS01").unwrap()),
        epoch: u64::from(digit(2)),
        issued: NOW,
        expires: NOW.plus(LIFE),
    }
}

/// `text` after the edits of `script`, four bytes each: what, where (two bytes), and which character.
/// Plain ASCII stays plain ASCII.
pub fn edited(text: &str, script: &[u8]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for edit in script.chunks_exact(4).take(8) {
        let [what, high, low, with] = edit else { continue };
        let at = usize::from(u16::from_be_bytes([*high, *low])) % (bytes.len() + 1);
        let with = with & 0x7f;
        match (what % 5, bytes.get(at).copied()) {
            (0, Some(_)) => bytes[at] = with,
            (1, Some(byte)) => bytes[at] = byte ^ (1 << (with % 7)),
            (2, Some(_)) => drop(bytes.remove(at)),
            (3, _) => bytes.truncate(at),
            _ => bytes.insert(at, with),
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Texts out of one input, divided by a byte that UTF-8 does not have.
pub fn texts(data: &[u8]) -> impl Iterator<Item = String> {
    data.split(|byte| *byte == 0xff).map(|text| String::from_utf8_lossy(text).into_owned())
}

/// One of each for what is read as an id of this kind: nothing that could climb out of a path.
pub fn assert_tame(id: &str) {
    assert!(!id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric()), "{id:?}");
}
