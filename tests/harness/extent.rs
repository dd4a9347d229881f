//! How far a suite goes: a few rounds in `cargo test`, and as many as a variable of the environment
//! asks for when somebody wants to be surer.

use std::{fmt::Debug, str::FromStr};

/// The number in `variable`; `usual` if it is not set.
#[expect(clippy::disallowed_methods, reason = "of the tests, not of the bundle's settings")]
pub(crate) fn how_many<N>(variable: &str, usual: N) -> N
where
    N: FromStr,
    N::Err: Debug,
{
    std::env::var(variable).map_or(usual, |number| number.parse().expect(variable))
}
