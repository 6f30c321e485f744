//! Waiting for a condition; never for a time.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

const INTERVAL: Duration = Duration::from_millis(300);

/// Looks until there is something to see; fails after `limit`, naming what was awaited.
pub async fn until<T>(
    what: &str,
    limit: Duration,
    mut look: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let started = Instant::now();
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        if started.elapsed() > limit {
            bail!("not seen within {} s: {what}", limit.as_secs());
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
