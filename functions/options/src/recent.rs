//! What was read a moment ago, so that not every letter that is typed asks Sentry again.
//!
//! It lives as long as the function's process and is never shared between people: the key says on
//! whose behalf a thing was read.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use shared::clock::Timestamp;

/// How long a thing counts as recent.
pub const LIFE: Duration = Duration::from_mins(1);

/// How many things are kept.
const CAPACITY: usize = 64;

/// At most 64 things, each for a minute.
#[derive(Debug)]
pub struct Recent<K, V>(Mutex<HashMap<K, (Timestamp, V)>>);

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash + Clone, V: Clone> Recent<K, V> {
    /// The thing, if it was read less than a minute ago.
    pub fn get(&self, key: &K, now: Timestamp) -> Option<V> {
        let kept = self.lock();
        kept.get(key).filter(|(read, _)| is_recent(*read, now)).map(|(_, value)| value.clone())
    }

    /// Keeps a thing that was read now, in place of the oldest where there is no room.
    pub fn keep(&self, key: K, value: V, now: Timestamp) {
        let mut kept = self.lock();
        kept.retain(|_, (read, _)| is_recent(*read, now));
        if kept.len() >= CAPACITY && !kept.contains_key(&key) {
            let oldest = kept.iter().min_by_key(|(_, (read, _))| *read).map(|(key, _)| key.clone());
            oldest.and_then(|key| kept.remove(&key));
        }
        kept.insert(key, (now, value));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, (Timestamp, V)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_recent(read: Timestamp, now: Timestamp) -> bool {
    now.since(read) < LIFE
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_secs(1_767_614_400);

    #[test]
    fn a_thing_is_recent_for_a_minute() {
        let recent = Recent::default();
        recent.keep("members", 3, NOON);

        let after = |millis| recent.get(&"members", NOON.plus(Duration::from_millis(millis)));

        assert_eq!(after(0), Some(3));
        assert_eq!(after(59_999), Some(3));
        assert_eq!(after(60_000), None);
    }

    #[test]
    fn the_oldest_makes_room() {
        let recent = Recent::default();
        for n in 0..=CAPACITY {
            recent.keep(n, n, NOON.plus(Duration::from_millis(n.try_into().unwrap())));
        }

        let later = NOON.plus(Duration::from_secs(1));

        assert_eq!(recent.get(&0, later), None);
        assert_eq!(recent.get(&1, later), Some(1));
        assert_eq!(recent.get(&CAPACITY, later), Some(CAPACITY));
    }

    #[test]
    fn what_is_read_again_is_recent_again() {
        let recent = Recent::default();
        recent.keep("members", 3, NOON);
        recent.keep("members", 4, NOON.plus(Duration::from_secs(50)));

        assert_eq!(recent.get(&"members", NOON.plus(Duration::from_secs(100))), Some(4));
    }
}
