//! What holds of every token, whatever it says and however it is bent.

use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

fn signer() -> Signer {
    Signer::new(vec![Secret::new("master-key-one"), Secret::new("master-key-two")])
}

fn claims(n: u64) -> LinkClaims {
    LinkClaims {
        nonce: format!("nonce-{n}"),
        tenant: Tenant::parse("T0ACME0001").unwrap(),
        user: SlackUserId::parse(&format!("U0PERSON{n}")).unwrap(),
        organization: OrganizationId::parse("1").unwrap(),
        channel: None,
        epoch: n,
        issued: NOW,
        expires: NOW.plus(LIFE),
    }
}

/// Different in every part that can be.
fn a_hundred_tokens(signer: &Signer) -> impl Iterator<Item = String> {
    (0..100).map(|n| signer.sign(Purpose::Link, &claims(n)).unwrap())
}

fn opens(signer: &Signer, token: &str) -> bool {
    signer.open::<LinkClaims>(Purpose::Link, token, NOW).is_ok()
}

#[test]
fn every_flipped_bit_of_a_hundred_tokens_is_refused() {
    let signer = Signer::new(vec![Secret::new("master-key-one")]);
    let mut flips = 0;
    for token in a_hundred_tokens(&signer) {
        for at in 0..token.len() * 8 {
            let mut bytes = token.clone().into_bytes();
            bytes[at / 8] ^= 1 << (at % 8);
            let Ok(flipped) = String::from_utf8(bytes) else { continue };
            assert!(!opens(&signer, &flipped), "bit {at} of {token}");
            flips += 1;
        }
    }
    assert!(flips > 130_000, "{flips}");
}

#[test]
fn every_shorter_and_every_longer_token_is_refused() {
    let signer = signer();
    let more: Vec<char> = (0..128_u8).map(char::from).chain(['é', '\u{200b}']).collect();
    for token in a_hundred_tokens(&signer).take(10) {
        for end in 0..token.len() {
            assert!(!opens(&signer, &token[..end]), "{end} of {token}");
            assert!(!opens(&signer, &token[end + 1..]), "without {end} of {token}");
        }
        for c in &more {
            assert!(!opens(&signer, &format!("{token}{c}")), "{token} and {c:?}");
            assert!(!opens(&signer, &format!("{c}{token}")), "{c:?} and {token}");
        }
    }
}

/// 32 bytes are 43 characters of base64, whose last one has two bits to spare.
#[test]
fn of_the_four_ways_to_write_a_mac_one_is_good() {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let signer = signer();
    for token in a_hundred_tokens(&signer) {
        let good = DIGITS.iter().filter(|digit| {
            let last = format!("{}{}", &token[..token.len() - 1], char::from(**digit));
            opens(&signer, &last)
        });
        assert_eq!(good.count(), 1, "{token}");
        let standard = token.replace('-', "+").replace('_', "/");
        assert_eq!(opens(&signer, &standard), standard == token, "{token}");
    }
}

fn any_claims() -> impl Strategy<Value = LinkClaims> {
    let channel = proptest::option::of("[CDG][A-Z0-9]{2,11}");
    ("\\PC{0,40}", "[TE][A-Z0-9]{2,11}", "[UW][A-Z0-9]{2,11}", channel, any::<u64>()).prop_map(
        |(nonce, tenant, user, channel, epoch)| LinkClaims {
            nonce,
            tenant: Tenant::parse(&tenant).unwrap(),
            user: SlackUserId::parse(&user).unwrap(),
            channel: channel.map(|channel| ChannelId::parse(&channel).unwrap()),
            epoch,
            ..claims(0)
        },
    )
}

fn texts(parts: &[String]) -> Vec<&str> {
    parts.iter().map(String::as_str).collect()
}

proptest! {
    #[test]
    fn whatever_is_signed_opens_as_it_was_for_its_purpose_alone(
        claims in any_claims(), made_for in 0..5_usize, used_for in 0..5_usize,
    ) {
        let signer = signer();
        let token = signer.sign(Purpose::ALL[made_for], &claims).unwrap();

        let opened = signer.open::<LinkClaims>(Purpose::ALL[used_for], &token, NOW);

        let expected = if made_for == used_for { Ok(claims) } else { Err(LinkError::Mismatch) };
        prop_assert_eq!(opened, expected);
    }

    #[test]
    fn a_part_of_one_token_makes_no_other_good(one in any_claims(), other in any_claims()) {
        let signer = signer();
        prop_assume!(one != other);
        let [one, other] = [one, other].map(|claims| signer.sign(Purpose::Link, &claims).unwrap());

        for part in 2..4 {
            let mut parts: Vec<&str> = one.split('.').collect();
            parts[part] = other.split('.').nth(part).unwrap();
            prop_assert!(!opens(&signer, &parts.join(".")));
        }
    }

    #[test]
    fn a_tag_is_good_for_the_very_parts_it_was_made_over(
        parts in proptest::collection::vec("[a-c.]{0,3}", 0..4),
        others in proptest::collection::vec("[a-c.]{0,3}", 0..4),
    ) {
        let signer = signer();
        let tag = signer.tag(Purpose::Form, &texts(&parts)).unwrap();

        prop_assert_eq!(signer.tagged(Purpose::Form, &texts(&others), &tag), parts == others);
    }
}
