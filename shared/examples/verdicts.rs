//! Says of each request whether it would be believed to be Slack's: `.ci/signatures` compares that with
//! what Slack's own SDK says.
//!
//! ```text
//! standard input    <signing secret>
//!                   <time of arrival, s> TAB <timestamp header> TAB <signature header> TAB <body, hex>
//!                   …
//! standard output   1 or 0 for each request, and nothing else
//! ```

use std::{
    error::Error,
    io::{self, BufRead as _, Write as _},
};

use http::{HeaderMap, HeaderValue};
use shared::{
    clock::Timestamp,
    secret::Secret,
    signing::request::{RequestVerifier, SIGNATURE, TIMESTAMP},
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut lines = io::stdin().lock().lines();
    let secret = lines.next().ok_or("no signing secret")??;
    let verifier = RequestVerifier::new(vec![Secret::new(secret)]);
    let mut verdicts = Vec::new();
    for line in lines {
        verdicts.push(if is_believed(&verifier, &line?)? { b'1' } else { b'0' });
    }
    Ok(io::stdout().write_all(&verdicts)?)
}

fn is_believed(verifier: &RequestVerifier, line: &str) -> Result<bool, Box<dyn Error>> {
    let mut fields = line.split('\t');
    let mut field = || fields.next().ok_or("a field is missing");
    let now = Timestamp::from_secs(field()?.parse()?);
    let headers = HeaderMap::from_iter([
        (TIMESTAMP, HeaderValue::from_bytes(field()?.as_bytes())?),
        (SIGNATURE, HeaderValue::from_bytes(field()?.as_bytes())?),
    ]);
    let body = bytes(field()?)?;
    Ok(verifier.verify(&headers, body, now).is_ok())
}

fn bytes(hex: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return Err("half a byte".into());
    }
    pairs.iter().map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?)).collect()
}
