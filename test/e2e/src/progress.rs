//! What a person sees while the tests run.

use std::sync::LazyLock;
use std::time::Instant;

static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Prints a line with the seconds since the tests began.
#[expect(
    clippy::print_stdout,
    reason = "shown by --nocapture and after a failure"
)]
pub fn step(line: impl AsRef<str>) {
    println!(
        "[{:6.1} s] {}",
        STARTED.elapsed().as_secs_f64(),
        line.as_ref()
    );
}
