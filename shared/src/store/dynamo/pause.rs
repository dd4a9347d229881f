//! How long a transaction that has collided with another waits before it is tried again, and a read
//! that a throttled table has answered in part.

use std::time::Duration;

use crate::signing::random_bytes;

/// Waits so long after so many tries.
pub(super) async fn wait(tries: u32) {
    // Without randomness the pause is the shortest.
    let [spread] = random_bytes().unwrap_or_default();
    tokio::time::sleep(pause(tries, spread)).await;
}

/// The pause after so many tries: up to twice as long each time, and at least half of that. The spread
/// (0 to 255) keeps those who have collided from meeting again.
fn pause(tries: u32, spread: u8) -> Duration {
    let least = Duration::from_millis(10 << tries);
    least + least * u32::from(spread) / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_collided_wait_longer_each_time_and_not_all_as_long() {
        let pauses = |tries| [0, 51, 255].map(|spread| pause(tries, spread).as_millis());

        assert_eq!(pauses(1), [20, 24, 40]);
        assert_eq!(pauses(2), [40, 48, 80]);
        assert_eq!(pauses(3), [80, 96, 160]);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_waits_as_long() {
        let begun = tokio::time::Instant::now();

        wait(2).await;

        assert!(begun.elapsed() >= Duration::from_millis(40));
    }
}
