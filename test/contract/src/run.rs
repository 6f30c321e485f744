//! Runs cases, and counts.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use ironic_types::{Microversion, VersionRange};

use crate::backend::Backend;
use crate::env::Env;

/// The stack's Ironic keeps its data in `SQLite`, where writers are in each other's way, and where a new
/// node gets the number of one that is being deleted. Ironic says these words then. That is no
/// behaviour to rely on, and the case is tried again.
const BUSY_DATABASE: [&str; 3] = [
    "database is locked",
    "raised OperationalError",
    "found not to be locked on release",
];
const MOST_ATTEMPTS: u32 = 6;
/// Between two attempts: the conductor's own work passes.
const PAUSE: Duration = Duration::from_secs(1);

/// One behaviour that Ironboot relies on.
#[derive(Clone, Copy)]
pub struct Case {
    /// What it is about.
    pub group: &'static str,
    /// The behaviour, as a sentence.
    pub name: &'static str,
    /// Asks an Ironic for it.
    pub run: for<'e> fn(&'e Env) -> LocalBoxFuture<'e, Result<()>>,
    /// What it needs beside Ironic.
    pub needs: Needs,
    /// The lowest version of the API that has what it is about.
    pub since: Microversion,
}

/// What a case needs beside Ironic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// Nothing but a lot of time, most of which Ironic waits.
    Time,
    /// A machine with a BMC, for itself.
    Machine,
}

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Ironic behaves so.
    Passed,
    /// It doesn't: what differed.
    Failed(String),
    /// This Ironic has not yet what the case is about.
    NotOffered,
}

/// How many cases ended in which way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those that passed.
    pub passed: usize,
    /// Those that failed.
    pub failed: usize,
    /// Those that this Ironic is too old for.
    pub not_offered: usize,
    /// How long it took.
    pub took: Duration,
}

impl Tally {
    /// Whether nothing differed, and something was asked at all.
    pub fn is_good(&self) -> bool {
        self.failed == 0 && self.passed > 0
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            passed,
            failed,
            not_offered,
            took,
        } = self;
        let seconds = took.as_secs_f64();
        write!(
            f,
            "{passed} of {} passed in {seconds:.0} s",
            passed + failed
        )?;
        if *not_offered > 0 {
            write!(f, ", {not_offered} not offered")?;
        }
        Ok(())
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.group, self.name.replace('_', " "))
    }
}

/// Runs the cases, this many at a time, and reports each when it ends. Those that need a machine run
/// beside them, as many as there are machines.
pub async fn run(
    backend: &Backend,
    versions: VersionRange,
    cases: &[&'static Case],
    at_once: usize,
    report: impl Fn(&Case, &Outcome, Duration),
) -> Tally {
    let started = Instant::now();
    let of = |needs: Needs| {
        cases
            .iter()
            .copied()
            .filter(move |case| case.needs == needs)
    };
    let ended = |case: &'static Case| async move {
        let started = Instant::now();
        let outcome = outcome(backend, versions, case).await;
        (case, outcome, started.elapsed())
    };
    let machines =
        stream::iter(of(Needs::Machine).map(&ended)).buffer_unordered(backend.machines());
    let patient = stream::iter(of(Needs::Time).map(&ended)).buffer_unordered(cases.len().max(1));
    let others = stream::iter(of(Needs::Nothing).map(&ended)).buffer_unordered(at_once);
    let mut all = stream::select(stream::select(machines, patient), others);
    let mut tally = Tally::default();
    while let Some((case, outcome, took)) = all.next().await {
        report(case, &outcome, took);
        match outcome {
            Outcome::Passed => tally.passed += 1,
            Outcome::Failed(_) => tally.failed += 1,
            Outcome::NotOffered => tally.not_offered += 1,
        }
    }
    tally.took = started.elapsed();
    tally
}

async fn outcome(backend: &Backend, versions: VersionRange, case: &Case) -> Outcome {
    if case.since > versions.max {
        return Outcome::NotOffered;
    }
    let mut attempts = 1;
    loop {
        let Err(error) = attempt(backend, case).await else {
            return Outcome::Passed;
        };
        let problem = format!("{error:#}");
        if attempts == MOST_ATTEMPTS || !BUSY_DATABASE.iter().any(|words| problem.contains(words)) {
            return Outcome::Failed(problem);
        }
        attempts += 1;
        tokio::time::sleep(PAUSE).await;
    }
}

/// One case with its own environment, which is cleaned up whatever happens.
async fn attempt(backend: &Backend, case: &Case) -> Result<()> {
    const LIMIT: Duration = Duration::from_mins(4);
    let env = backend.env().await?;
    let limited = tokio::time::timeout(LIMIT, (case.run)(&env));
    let result = match AssertUnwindSafe(limited).catch_unwind().await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(anyhow::anyhow!("took longer than {LIMIT:?}")),
        Err(panic) => Err(anyhow::anyhow!("panicked: {}", words(&*panic))),
    };
    let cleaned = env.clean_up().await;
    result
        .and_then(|()| cleaned.map_err(|error| error.context("cleaning up after the case failed")))
}

fn words(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without words")
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::{Mutex, Once};

    use ironic_types::FLOOR;

    use super::*;

    /// Once for all tests of this process.
    pub(crate) fn provider() {
        static INSTALLED: Once = Once::new();
        INSTALLED.call_once(|| {
            rustls::crypto::ring::default_provider()
                .install_default()
                .unwrap();
        });
    }

    const fn case(
        name: &'static str,
        run: for<'e> fn(&'e Env) -> LocalBoxFuture<'e, Result<()>>,
        since: Microversion,
    ) -> Case {
        Case {
            group: "tests",
            name,
            run,
            needs: Needs::Nothing,
            since,
        }
    }

    #[tokio::test]
    async fn a_case_that_panics_or_fails_ends_no_other_and_one_too_new_is_not_run() {
        static CASES: [Case; 4] = [
            case(
                "panics",
                |_| async { panic!("in a case") }.boxed_local(),
                FLOOR,
            ),
            case(
                "fails",
                |_| async { anyhow::bail!("another answer") }.boxed_local(),
                FLOOR,
            ),
            case(
                "is_too_new",
                |_| async { panic!("never run") }.boxed_local(),
                Microversion::v1(999),
            ),
            case(
                "passes",
                |env| async { env.node().await.map(drop) }.boxed_local(),
                FLOOR,
            ),
        ];
        provider();
        let backend = Backend::Simulated;
        let versions = backend.versions().await.unwrap();
        let cases: Vec<_> = CASES.iter().collect();
        let outcomes = Mutex::new(Vec::new());
        let tally = run(&backend, versions, &cases, 1, |case, outcome, _| {
            outcomes.lock().unwrap().push((case.name, outcome.clone()));
        })
        .await;
        assert_eq!(
            outcomes.into_inner().unwrap(),
            [
                ("panics", Outcome::Failed("panicked: in a case".to_owned())),
                ("fails", Outcome::Failed("another answer".to_owned())),
                ("is_too_new", Outcome::NotOffered),
                ("passes", Outcome::Passed),
            ]
        );
        assert!(!tally.is_good());
        let tally = Tally {
            took: Duration::from_secs(41),
            ..tally
        };
        assert_eq!(tally.to_string(), "1 of 3 passed in 41 s, 1 not offered");
    }
}
