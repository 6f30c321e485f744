//! Where hosts go, and why.

use super::{Answers, Case};
use crate::states::answer::Place;
use crate::states::situations::{Of, USUAL};

/// Why a host goes somewhere.
pub(in crate::states) struct Cause {
    /// The situation, in words.
    pub(in crate::states) when: String,
    /// Whether the diagrams show it.
    pub(in crate::states) is_drawn: bool,
    /// With which nodes, as indices of [`Survey::nodes`](super::Survey::nodes).
    pub(in crate::states) nodes: Vec<usize>,
    /// Where to.
    pub(in crate::states) to: Place,
}

impl Answers {
    /// Where a host goes that isn't deleted.
    pub(in crate::states) fn causes_in_life(&self) -> Vec<Cause> {
        let mut causes = causes(&self.usual, &[], USUAL.when);
        for case in self
            .others
            .iter()
            .filter(|case| case.situation.of != Of::Deleted)
        {
            causes.extend(self.causes_of(case));
        }
        causes
    }

    /// Where a host goes that is deleted.
    pub(in crate::states) fn causes_in_deletion(&self) -> Vec<Cause> {
        let mut causes = causes(&self.deleted, &[], USUAL.when);
        let may_be = |case: &&Case| case.situation.of == Of::Deleted || self.is_of_deletion;
        for case in self.others.iter().filter(may_be) {
            let when = case.situation.when;
            causes.extend(self::causes(case, &[&self.deleted], when));
        }
        causes
    }

    /// Where a host goes, whatever happens to it.
    pub(in crate::states) fn causes(&self) -> Vec<Cause> {
        let mut all = self.causes_in_life();
        all.extend(self.causes_of(&self.deleted));
        for case in self
            .others
            .iter()
            .filter(|case| case.situation.of == Of::Deleted)
        {
            all.extend(self.causes_of(case));
        }
        all
    }

    /// Where a situation leads to that the usual and its base don't.
    fn causes_of(&self, case: &Case) -> Vec<Cause> {
        causes(case, &[&self.usual, self.base(case)], &self.when(case))
    }
}

fn causes(here: &Case, but: &[&Case], when: &str) -> Vec<Cause> {
    let mut causes: Vec<Cause> = Vec::new();
    // Without a node there is no difference between nodes: the first, which is none, stands for all.
    let nodes = if here.loses_node {
        1
    } else {
        here.answers.len()
    };
    for (node, answer) in here.answers.iter().enumerate().take(nodes) {
        let Some(to) = answer.leads_to else { continue };
        let leads_there = |other: &&Case| other.answers[node].leads_to == Some(to);
        if but.iter().any(leads_there) {
            continue;
        }
        match causes.iter_mut().find(|cause| cause.to == to) {
            Some(cause) => cause.nodes.push(node),
            None => causes.push(Cause {
                when: when.to_owned(),
                is_drawn: here.situation.is_drawn,
                nodes: vec![node],
                to,
            }),
        }
    }
    causes
}
