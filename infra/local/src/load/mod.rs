//! `load`: many clicks at once, through the gateway to the real functions, while Sentry takes its time;
//! then many requests that nobody signed. The figures of the README come from here.
//!
//! Clicks are sent when they are due, whether those before them were answered or not, so a bundle that
//! falls behind cannot hide it (an open loop).

mod clicks;
mod crowd;
mod flood;
mod linked;
mod processes;
mod report;
mod spread;

use std::{
    io,
    time::{Duration, Instant},
};

use self::clicks::Clicks;
pub use self::{crowd::CrowdError, linked::LinkError, report::Report, spread::Spread};
use crate::{
    binaries::Binaries,
    bundle::{Bundle, Options, StartError},
    sentry::Mode,
};

/// So many processes of `action`: one or two are at work when two hundred clicks come in a second.
/// Where the machine is held up for a moment, clicks wait; processes started for them then would take
/// the cores from those that are there.
const PROCESSES: usize = 8;
/// So many of `perform`, and messages under way: each waits for Sentry.
const BACKGROUND: usize = 48;

/// What is to be carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Clicks a second.
    pub rate: u32,
    /// For so many seconds.
    pub seconds: u32,
    /// How long Sentry takes for an answer.
    pub sentry: Duration,
    /// Workspaces that have the app installed.
    pub workspaces: u32,
    /// People who are linked, over all workspaces.
    pub identities: u32,
    /// Requests without a good signature.
    pub unsigned: u32,
    /// The table grows, from one workspace with one linked person to [`Wanted::workspaces`] and
    /// [`Wanted::identities`], and the same clicks are carried at each size.
    pub growth: bool,
    /// The figures are held against what is promised, on a machine that has nothing else to do.
    pub judged: bool,
}

/// How much there is in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crowd {
    /// Workspaces that have the app installed.
    pub workspaces: u32,
    /// People who are linked, over all workspaces.
    pub identities: u32,
}

impl Wanted {
    /// The sizes of the table at which clicks are carried, the smallest first.
    fn crowds(&self) -> Vec<Crowd> {
        let all = Crowd { workspaces: self.workspaces, identities: self.identities };
        if !self.growth {
            return vec![all];
        }
        let part = |of: u32, part: u32| (of / part).max(1);
        let parts = [u32::MAX, 100, 10, 1];
        parts
            .map(|n| Crowd {
                workspaces: part(all.workspaces, n),
                identities: part(all.identities, n),
            })
            .into()
    }
}

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// No bundle.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A function did not start.
    #[error("{0} did not start")]
    Unready(String),
    /// Nobody to click.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// No crowd around them.
    #[error(transparent)]
    Crowd(#[from] CrowdError),
    /// No place for what must not be called.
    #[error("cannot listen on loopback")]
    Listen(#[from] io::Error),
    /// No client to send with.
    #[error("requests cannot be sent")]
    Send(#[from] shared::transport::TransportError),
}

/// Carries it, and tells what it is doing.
pub async fn run(
    wanted: &Wanted,
    binaries: &Binaries,
    tell: impl Fn(&str),
) -> Result<Report, LoadError> {
    let rounds = carry_clicks(wanted, binaries, &tell).await?;
    if wanted.unsigned == 0 {
        return Ok(Report { wanted: wanted.clone(), rounds, flood: None });
    }
    tell(&format!("{} requests that nobody signed", wanted.unsigned));
    let flood = flood::withstand(wanted.unsigned, binaries).await?;
    Ok(Report { wanted: wanted.clone(), rounds, flood: Some(flood) })
}

async fn carry_clicks(
    wanted: &Wanted,
    binaries: &Binaries,
    tell: &impl Fn(&str),
) -> Result<Vec<(Crowd, Clicks)>, LoadError> {
    let options =
        Options { processes: PROCESSES, background: BACKGROUND, ..Options::new(binaries.clone()) };
    let bundle = started(options).await?;
    linked::link_alice(&bundle).await?;
    bundle.sentry.set_mode(Mode::Slow(wanted.sentry));
    let models = crowd::Models::of(&bundle)?;
    let mut rounds = Vec::new();
    let mut there = Crowd { workspaces: 1, identities: 1 };
    for crowd in wanted.crowds() {
        tell(&format!("{} workspaces, {} identities", crowd.workspaces, crowd.identities));
        models.gather(&bundle, there, crowd, tell)?;
        rounds.push((crowd, clicks::carry(&bundle, wanted, binaries, tell).await));
        there = crowd;
    }
    bundle.stop().await;
    Ok(rounds)
}

#[expect(clippy::disallowed_methods, reason = "a stopwatch: nothing is decided by it")]
fn instant() -> Instant {
    Instant::now()
}

async fn started(options: Options) -> Result<Bundle, LoadError> {
    let bundle = Bundle::start(options).await?;
    match bundle.unready.first() {
        Some((function, _)) => Err(LoadError::Unready(function.clone())),
        None => Ok(bundle),
    }
}
