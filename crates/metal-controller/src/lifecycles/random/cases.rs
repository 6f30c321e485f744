//! Leads random lives, many at once, and tells of the first that goes wrong.

use std::cell::Cell;
use std::ops::Range;
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{iter, panic, thread};

use tokio::runtime::{Builder, Runtime};

use super::acts::{Moment, sequence};
use super::rest;
use super::shrink::shrunk;
use super::world::World;

/// How many lives there are if nobody says; `hack/test` and `just properties` do.
const USUAL: u64 = 300;

/// So many characters of what went wrong are told.
const LONGEST: usize = 300;

#[test]
fn no_sequence_of_edits_faults_and_stops_breaks_what_must_hold() {
    if let Some(seed) = number("IRONBOOT_SEED") {
        return lead(&sequence(seed));
    }
    let count = number("IRONBOOT_SEQUENCES").unwrap_or(USUAL);
    let first = number("IRONBOOT_FIRST_SEED").unwrap_or_default();
    let failures = failures(first..first + count);
    let Some(seed) = failures.first() else {
        return;
    };
    let shortest = shrunk(sequence(*seed), |sequence| failure(sequence).is_some());
    eprintln!(
        "{} of {count} fail; the first, as short as can be:",
        failures.len()
    );
    for moment in &shortest {
        eprintln!("    {moment:?},");
    }
    lead(&shortest);
    unreachable!("it has just failed");
}

/// The seeds whose lives go wrong. How is told at once: a hunt may take long.
fn failures(seeds: Range<u64>) -> Vec<u64> {
    let goes_wrong = |seed: &u64| {
        let words = failure(&sequence(*seed));
        if let Some(words) = &words {
            eprintln!("IRONBOOT_SEED={seed}: {words}");
        }
        words.is_some()
    };
    let next = AtomicU64::new(seeds.start);
    let some_of_them = || {
        let seeds = iter::from_fn(|| {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            (seed < seeds.end).then_some(seed)
        });
        seeds.filter(goes_wrong).collect::<Vec<_>>()
    };
    let mut failures = thread::scope(|scope| {
        let threads = thread::available_parallelism().unwrap().get();
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(some_of_them)).collect();
        let found = workers.into_iter().map(|worker| worker.join().unwrap());
        found.collect::<Vec<_>>().concat()
    });
    failures.sort_unstable();
    failures
}

/// Leads a life to its end, aloud. Panics where it goes wrong.
pub(super) fn lead(sequence: &[Moment]) {
    runtime().block_on(life(sequence, false));
}

async fn life(sequence: &[Moment], is_silent: bool) {
    let mut world = World::begin();
    world.life.is_silent = is_silent;
    world.live(sequence).await;
    world.heal().await;
    rest::expect_explained(&world);
    world.delete_all();
    world.life.come_to_rest().await;
    rest::expect_nothing_left(&world);
}

/// How a life goes wrong, if it does, without a word.
fn failure(sequence: &[Moment]) -> Option<String> {
    hush();
    IS_SILENT.set(true);
    let lived = panic::catch_unwind(|| runtime().block_on(life(sequence, true)));
    IS_SILENT.set(false);
    let why = lived.err()?;
    let words = why.downcast_ref::<String>().map(String::as_str);
    let words = words.or(why.downcast_ref::<&str>().copied());
    let words = words.unwrap_or("no words");
    Some(words.chars().take(LONGEST).collect())
}

fn runtime() -> Runtime {
    let mut runtime = Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap()
}

thread_local! {
    static IS_SILENT: Cell<bool> = const { Cell::new(false) };
}

/// Threads that are silent don't print their panics.
fn hush() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !IS_SILENT.get() {
                usual(info);
            }
        }));
    });
}

#[expect(clippy::disallowed_methods, reason = "tests have no flags")]
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {text}")),
    )
}
