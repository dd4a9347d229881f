//! How many processes of a function there are, and which work waits for them. No process in sight:
//! the rules alone.

use std::collections::VecDeque;

/// Starting takes a core for a while: where dozens start at once, none of them serves. AWS has a core
/// for each.
const MOST_STARTING: usize = 2;

/// The processes of one function, counted, and its waiting work.
#[derive(Debug)]
pub(super) struct Pool<T> {
    waiting: VecDeque<T>,
    /// Processes that exist or are being started.
    alive: usize,
    /// Those of them that will take the next work: free, starting, or just done.
    available: usize,
    /// Those that have not asked for work yet.
    starting: usize,
    limit: usize,
    started: usize,
}

/// The number of the process to start now.
pub(super) type Start = Option<usize>;

impl<T> Pool<T> {
    /// No process yet, and at most `limit` ever at once.
    pub(super) fn new(limit: usize) -> Self {
        Self { waiting: VecDeque::new(), alive: 0, available: 0, starting: 0, limit, started: 0 }
    }

    /// Work arrives.
    pub(super) fn arrive(&mut self, work: T) -> Start {
        self.waiting.push_back(work);
        self.grow()
    }

    /// A process is started whether there is work or not.
    pub(super) fn start(&mut self) -> Start {
        if self.alive >= self.limit || self.starting >= MOST_STARTING {
            return None;
        }
        self.alive += 1;
        self.available += 1;
        self.starting += 1;
        self.started += 1;
        Some(self.started)
    }

    /// A process asks for work for the first time.
    pub(super) fn ready(&mut self) -> Start {
        self.starting = self.starting.saturating_sub(1);
        self.grow()
    }

    /// A free process takes the oldest work that is still `wanted`.
    pub(super) fn take(&mut self, wanted: impl Fn(&T) -> bool) -> Option<T> {
        self.waiting.retain(wanted);
        let work = self.waiting.pop_front()?;
        self.available = self.available.saturating_sub(1);
        Some(work)
    }

    /// The waiting work is given up.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// A process is done with its work.
    pub(super) fn done(&mut self) {
        self.available += 1;
    }

    /// A process that had been ready ended while it was `available`, or while it worked.
    pub(super) fn gone(&mut self, available: bool) -> Start {
        self.alive = self.alive.saturating_sub(1);
        self.available = self.available.saturating_sub(usize::from(available));
        self.grow()
    }

    /// A process ended before it could take work. The oldest work fails with it: a function that
    /// cannot start must not be started for ever.
    pub(super) fn stillborn(&mut self) -> (Option<T>, Start) {
        let failed = self.waiting.pop_front();
        self.starting = self.starting.saturating_sub(1);
        (failed, self.gone(true))
    }

    fn grow(&mut self) -> Start {
        if self.waiting.len() > self.available { self.start() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_waits_for_a_free_process_before_another_is_started() {
        let mut pool = Pool::new(4);
        assert_eq!(pool.start(), Some(1));

        assert_eq!(pool.arrive("a"), None);
        assert_eq!(pool.arrive("b"), Some(2));
    }

    #[test]
    fn a_few_are_started_at_a_time() {
        let mut pool = Pool::new(9);

        let at_once = ["a", "b", "c", "d"].map(|work| pool.arrive(work));

        assert_eq!(at_once, [Some(1), Some(2), None, None]);
        assert_eq!((pool.ready(), pool.ready()), (Some(3), Some(4)));
        assert_eq!((pool.ready(), pool.ready()), (None, None));
    }

    #[test]
    fn a_process_that_is_done_takes_the_next_work() {
        let mut pool = Pool::new(4);
        pool.arrive("a");
        pool.take(|_| true);

        pool.done();

        assert_eq!(pool.arrive("b"), None);
    }

    #[test]
    fn beyond_the_limit_work_waits() {
        let mut pool = Pool::new(1);
        pool.arrive("a");
        pool.take(|_| true);

        assert_eq!(pool.arrive("b"), None);
        pool.done();
        assert_eq!(pool.take(|_| true), Some("b"));
    }

    #[test]
    fn a_dead_process_is_replaced_when_work_arrives() {
        let mut pool = Pool::new(1);
        pool.start();
        pool.ready();

        assert_eq!(pool.gone(true), None);
        assert_eq!(pool.arrive("a"), Some(2));
    }

    #[test]
    fn a_process_that_dies_at_work_is_replaced_if_more_is_waiting() {
        let mut pool = Pool::new(1);
        pool.arrive("a");
        pool.ready();
        pool.take(|_| true);
        pool.arrive("b");

        assert_eq!(pool.gone(false), Some(2));
    }

    #[test]
    fn a_process_that_never_starts_fails_one_piece_of_work_each_time() {
        let mut pool = Pool::new(1);
        pool.arrive("a");
        pool.arrive("b");

        assert_eq!(pool.stillborn(), (Some("a"), Some(2)));
        assert_eq!(pool.stillborn(), (Some("b"), None));
    }
}
