//! How far the operator is: what its probes say.

use std::fmt::Write;
use std::sync::{Arc, PoisonError, RwLock};

use ironic_client::watch::Event;

/// How far an operator is. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Health(Arc<RwLock<Progress>>);

#[derive(Debug, Default)]
struct Progress {
    hosts_synced: bool,
    ironic: Contact,
}

#[derive(Clone, Copy, Debug, Default)]
enum Contact {
    /// Ironic was not asked yet, or its first answer is on its way.
    #[default]
    None,
    Answers,
    Silent,
}

/// Whether an operator cares for hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// Whether it does.
    pub is_ready: bool,
    /// A line for each thing that must have happened first, and one in the end that sums up.
    pub report: String,
}

impl Health {
    /// Ready once all hosts were read, and Ironic was asked and gave an answer or none.
    ///
    /// An Ironic that gives no answer doesn't make an operator unready that was started all right: its hosts say so,
    /// and a restart would help nobody.
    pub fn readiness(&self) -> Readiness {
        let progress = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let checks = [
            if progress.hosts_synced {
                (true, "hosts: the cache has synced")
            } else {
                (
                    false,
                    "hosts: the cache has not synced yet; Kubernetes was not reached, or refuses to list them",
                )
            },
            match progress.ironic {
                Contact::None => (false, "ironic: no answer to the first request yet"),
                Contact::Answers => (true, "ironic: it is watched"),
                Contact::Silent => (true, "ironic: it is watched, and gives no answer now"),
            },
        ];
        let is_ready = checks.iter().all(|(holds, _)| *holds);
        let mut report = String::new();
        for (holds, words) in checks {
            let sign = if holds { '+' } else { '-' };
            // Writing to a String can't fail.
            writeln!(report, "[{sign}] {words}").ok();
        }
        report.push_str(if is_ready { "ready\n" } else { "not ready\n" });
        Readiness { is_ready, report }
    }

    pub(crate) fn hosts_synced(&self) {
        self.write().hosts_synced = true;
    }

    pub(crate) fn saw(&self, event: &Event) {
        self.write().ironic = match event {
            Event::Synced | Event::Changed(_) => Contact::Answers,
            Event::Lost { .. } => Contact::Silent,
        };
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Progress> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const LOST: Event = Event::Lost {
        message: String::new(),
    };

    #[rstest]
    #[case(false, None, false)]
    #[case(true, None, false)]
    #[case(false, Some(Event::Synced), false)]
    #[case(true, Some(Event::Synced), true)]
    #[case(true, Some(LOST), true)]
    fn an_operator_is_ready_when_all_was_read_once(
        #[case] hosts: bool,
        #[case] ironic: Option<Event>,
        #[case] is_ready: bool,
    ) {
        let health = Health::default();
        if hosts {
            health.hosts_synced();
        }
        if let Some(event) = ironic {
            health.saw(&event);
        }
        let readiness = health.readiness();
        assert_eq!(readiness.is_ready, is_ready, "{}", readiness.report);
        assert_eq!(readiness.report.contains("[-]"), !is_ready);
    }

    #[test]
    fn the_report_says_what_is_missing() {
        let health = Health::default();
        health.hosts_synced();
        assert_eq!(
            health.readiness().report,
            "[+] hosts: the cache has synced\n\
             [-] ironic: no answer to the first request yet\n\
             not ready\n"
        );
    }
}
