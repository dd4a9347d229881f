//! Faults: what Slack does on a bad day, on demand.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use http::StatusCode;

use super::{call::CallKind, reply::Reply};

/// One way to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// 404 `{"ok":false,"error":"expired_url"}`.
    Expired,
    /// 404 with the older spelling, `Expired url`, as plain text.
    ExpiredInWords,
    /// 404 `{"ok":false,"error":"used_url"}`.
    Used,
    /// 410.
    Gone,
    /// This error by its name: 404 from a `response_url`, 200 from the Web API.
    Error(&'static str),
    /// 429.
    RateLimited {
        /// `Retry-After`, in seconds.
        retry_after: u32,
    },
    /// 500; nothing was done.
    ServerError,
    /// 500, and yet it was done.
    LostAnswer,
    /// It is done at once, and the answer comes this late.
    Slow(Duration),
}

impl Fault {
    /// The answer instead of the work; `None` when the work is done all the same.
    pub(super) fn instead(self, kind: CallKind) -> Option<Reply> {
        let dead = match kind {
            CallKind::ResponseUrl => StatusCode::NOT_FOUND,
            CallKind::WebApi | CallKind::SignIn | CallKind::Install => StatusCode::OK,
        };
        match self {
            Self::Expired => Some(Reply::error(dead, "expired_url")),
            Self::ExpiredInWords => Some(Reply::text(dead, "Expired url")),
            Self::Used => Some(Reply::error(dead, "used_url")),
            Self::Gone => Some(Reply::text(StatusCode::GONE, "gone")),
            Self::Error(name) => Some(Reply::error(dead, name)),
            Self::RateLimited { retry_after } => Some(Reply::rate_limited(retry_after)),
            Self::ServerError => Some(server_error()),
            Self::LostAnswer | Self::Slow(_) => None,
        }
    }

    /// What becomes of the answer of work that was done.
    pub(super) fn afterwards(self, reply: Reply) -> (Reply, Duration) {
        match self {
            Self::LostAnswer => (server_error(), Duration::ZERO),
            Self::Slow(delay) => (reply, delay),
            _ => (reply, Duration::ZERO),
        }
    }
}

fn server_error() -> Reply {
    Reply::text(StatusCode::INTERNAL_SERVER_ERROR, "server_error")
}

/// The faults to come: first those for single calls, in order, then the standing one.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) next: VecDeque<Fault>,
    pub(super) standing: Option<Fault>,
}

impl Script {
    pub(super) fn take(&mut self) -> Option<Fault> {
        self.next.pop_front().or(self.standing)
    }

    pub(super) fn heal(&mut self) {
        *self = Self::default();
    }
}

/// All scripts: one for every `response_url`, one for each Web API method.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) response_urls: Script,
    pub(super) web_api: HashMap<String, Script>,
}

impl Faults {
    pub(super) fn take(&mut self, kind: CallKind, method: &str) -> Option<Fault> {
        match kind {
            CallKind::ResponseUrl => self.response_urls.take(),
            CallKind::WebApi | CallKind::SignIn | CallKind::Install => {
                self.web_api.get_mut(method)?.take()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_for_single_calls_come_before_the_standing_one() {
        let mut script = Script::default();
        script.next.push_back(Fault::Gone);
        script.standing = Some(Fault::Used);

        let taken = [script.take(), script.take(), script.take()];

        assert_eq!(taken, [Some(Fault::Gone), Some(Fault::Used), Some(Fault::Used)]);
    }

    #[test]
    fn the_web_api_names_its_errors_with_200() {
        let status = |kind| Fault::Error("is_inactive").instead(kind).map(|reply| reply.status);

        assert_eq!(status(CallKind::WebApi), Some(StatusCode::OK));
        assert_eq!(status(CallKind::ResponseUrl), Some(StatusCode::NOT_FOUND));
    }
}
