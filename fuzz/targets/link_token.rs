//! A link opens only as it was signed: to the letter, for its purpose, and in its time.
#![no_main]

use std::time::Duration;

use fuzz::{NOW, SIGNER, claims, edited};
use libfuzzer_sys::fuzz_target;
use shared::signing::link::{LIFE, LinkClaims, LinkError, Purpose};

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        what_opens_was_signed_by_us(text);
    }
    if let Some((seed, [made_for, used_for, script @ ..])) = data.split_first_chunk::<3>() {
        a_bent_token_opens_nothing(seed, *made_for, *used_for, script);
    }
});

fn what_opens_was_signed_by_us(text: &str) {
    for purpose in Purpose::ALL {
        if let Ok(claims) = SIGNER.open::<LinkClaims>(purpose, text, NOW) {
            assert_eq!(SIGNER.sign(purpose, &claims).as_deref(), Some(text), "not by us");
        }
    }
}

fn a_bent_token_opens_nothing(seed: &[u8], made_for: u8, used_for: u8, script: &[u8]) {
    let purpose = |at: u8| Purpose::ALL[usize::from(at) % Purpose::ALL.len()];
    let (made_for, used_for, claims) = (purpose(made_for), purpose(used_for), claims(seed));
    let token = SIGNER.sign(made_for, &claims).unwrap();
    let bent = edited(&token, script);

    let opened = SIGNER.open::<LinkClaims>(used_for, &bent, NOW);

    if bent == token && made_for == used_for {
        assert_eq!(opened, Ok(claims));
        let after = |secs| NOW.plus(LIFE).plus(Duration::from_secs(secs));
        let over = SIGNER.open::<LinkClaims>(used_for, &bent, after(u64::from(seed[0])));
        assert_eq!(over, Err(LinkError::Expired));
    } else {
        assert!(opened.is_err(), "{bent} opens for {used_for:?}, signed was {token}");
    }
}
