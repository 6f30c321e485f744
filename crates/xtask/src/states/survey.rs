//! The planner's answers for every state of a host, every state of its node and every situation.

use anyhow::{Context, Result, bail};
use ironic_types::ProvisionState;
use metal_api::v1alpha1::ProvisioningState;
use metal_plan::{IronicView, Observation, Step, plan};

use super::answer::{Answer, Place, Waits, ask};
use super::example::{self, NodeCase};
use super::situations::{self, DELETED, Of, Situation, USUAL};
use super::words::name;

/// All states of a host, in the order in which it goes through them.
pub(super) const STATES: [ProvisioningState; 14] = [
    ProvisioningState::None,
    ProvisioningState::Unmanaged,
    ProvisioningState::Registering,
    ProvisioningState::Inspecting,
    ProvisioningState::MatchProfile,
    ProvisioningState::Preparing,
    ProvisioningState::Ready,
    ProvisioningState::Available,
    ProvisioningState::Provisioning,
    ProvisioningState::Provisioned,
    ProvisioningState::ExternallyProvisioned,
    ProvisioningState::Deprovisioning,
    ProvisioningState::PoweringOffBeforeDelete,
    ProvisioningState::Deleting,
];

/// All answers.
pub(super) struct Survey {
    /// What Ironic may have for a host.
    pub(super) nodes: Vec<NodeCase>,
    /// One for each state of a host.
    pub(super) states: Vec<Answers>,
}

/// The answers for one state of a host.
pub(super) struct Answers {
    /// The state.
    pub(super) state: ProvisioningState,
    /// Whether a host in it is being deleted if all goes well.
    pub(super) is_of_deletion: bool,
    /// If all goes well.
    pub(super) usual: Case,
    /// If it is deleted.
    pub(super) deleted: Case,
    /// In all other situations.
    pub(super) others: Vec<Case>,
    /// A later state in which the same is done in all situations: this one is another name for it.
    pub(super) twin: Option<ProvisioningState>,
    missing: usize,
    home: usize,
}

/// The answers for one state of a host in one situation.
pub(super) struct Case {
    /// The situation.
    pub(super) situation: &'static Situation,
    /// One for each of [`Survey::nodes`].
    pub(super) answers: Vec<Answer>,
    /// Whether there is no node in this situation, whatever there would be.
    loses_node: bool,
}

/// Why a host goes somewhere.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Cause {
    /// The situation, in words.
    pub(super) when: String,
    /// Whether the diagrams show it.
    pub(super) is_drawn: bool,
    /// With which nodes, as indices of [`Survey::nodes`].
    pub(super) nodes: Vec<usize>,
    /// Where to.
    pub(super) to: Place,
}

/// What is done in several states alike.
pub(super) struct Shared {
    /// The situation, in words.
    pub(super) when: String,
    /// What is done.
    pub(super) words: String,
    /// In these states.
    pub(super) states: Vec<ProvisioningState>,
    place: Option<usize>,
}

/// In so many states something must be done alike to be said once.
const MANY: usize = 5;

/// Asks for everything.
pub(super) fn survey() -> Result<Survey> {
    let nodes = NodeCase::all();
    let mut states = STATES
        .iter()
        .map(|state| answers(*state, &nodes))
        .collect::<Result<Vec<_>>>()?;
    for at in 0..states.len() {
        if let [state, later @ ..] = &mut states[at..] {
            let twin = later.iter().find(|later| do_the_same(state, later));
            state.twin = twin.map(|twin| twin.state);
        }
    }
    Ok(Survey { nodes, states })
}

fn do_the_same(one: &Answers, other: &Answers) -> bool {
    one.words().eq(other.words())
}

fn answers(state: ProvisioningState, nodes: &[NodeCase]) -> Result<Answers> {
    let usual = nodes
        .iter()
        .map(|node| example::observation(state, node))
        .collect::<Result<Vec<_>>>()?;
    let case = |situation: &'static Situation| case(&usual, nodes, situation);
    let home = home(state);
    expect_registered(state, &home)?;
    let place = |wanted: &NodeCase| {
        let place = nodes.iter().position(|node| node == wanted);
        place.with_context(|| format!("{wanted:?} is not among the nodes"))
    };
    let is_deleted = |seen: &Observation| seen.host.metadata.deletion_timestamp.is_some();
    let is_of_deletion = usual.iter().all(is_deleted);
    let may_be = |situation: &&Situation| situation.of != Of::Living || !is_of_deletion;
    Ok(Answers {
        state,
        is_of_deletion,
        usual: case(&USUAL)?,
        deleted: case(&DELETED)?,
        others: situations::others()
            .filter(may_be)
            .map(case)
            .collect::<Result<_>>()?,
        twin: None,
        missing: place(&NodeCase::Missing)?,
        home: place(&NodeCase::In(home))?,
    })
}

/// Fails if the example is not as the planner would leave it: all answers would be the same.
fn expect_registered(state: ProvisioningState, home: &ProvisionState) -> Result<()> {
    let observation = example::observation(state, &NodeCase::In(home.clone()))?;
    let plan = plan(&observation);
    if let Step::Act(effects) = &plan.step
        && effects
            .iter()
            .any(|effect| matches!(effect.kind(), "CreateNode" | "SetDriverInfo"))
    {
        bail!(
            "in {} with a node that is {home} the planner says \"{plan}\", though nothing is out of the ordinary: make the node in crates/xtask/src/states/example.rs as a registration leaves it",
            name(state)
        );
    }
    Ok(())
}

fn case(usual: &[Observation], nodes: &[NodeCase], situation: &'static Situation) -> Result<Case> {
    let observations = usual
        .iter()
        .map(|usual| {
            let mut observation = usual.clone();
            if situation.of == Of::Deleted {
                (DELETED.change)(&mut observation)?;
            }
            (situation.change)(&mut observation)?;
            Ok(observation)
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Case {
        situation,
        answers: std::iter::zip(&observations, nodes)
            .map(|(observation, node)| ask(observation, node))
            .collect(),
        loses_node: observations.iter().all(|observation| {
            matches!(&observation.ironic, IronicView::Seen(seen) if seen.node.is_none())
        }),
    })
}

/// The state in which the node of a host most often is.
fn home(state: ProvisioningState) -> ProvisionState {
    use ProvisioningState as S;
    match state {
        S::None
        | S::Unmanaged
        | S::Registering
        | S::Inspecting
        | S::MatchProfile
        | S::Preparing => ProvisionState::Manageable,
        S::Ready | S::Available | S::Provisioning | S::PoweringOffBeforeDelete | S::Deleting => {
            ProvisionState::Available
        }
        S::Provisioned | S::ExternallyProvisioned | S::Deprovisioning => ProvisionState::Active,
    }
}

impl Survey {
    /// The answers for a state.
    pub(super) fn of(&self, state: ProvisioningState) -> Option<&Answers> {
        self.states.iter().find(|answers| answers.state == state)
    }

    /// The states, but those that are another name of a later one.
    pub(super) fn present(&self) -> impl Iterator<Item = &Answers> {
        self.states.iter().filter(|answers| answers.twin.is_none())
    }

    /// All waits.
    pub(super) fn waits(&self) -> impl Iterator<Item = &Waits> {
        let cases = self.states.iter().flat_map(Answers::cases);
        let answers = cases.flat_map(|case| &case.answers);
        answers.filter_map(|answer| answer.waits.as_ref())
    }

    /// What is done out of the ordinary in many states alike, the plainest first.
    pub(super) fn shared(&self) -> Vec<Shared> {
        let mut all: Vec<Shared> = Vec::new();
        for answers in self.present() {
            for case in answers.cases() {
                let Some(words) = answers.words_in(case) else {
                    continue;
                };
                let when = answers.when(case);
                let known = all
                    .iter_mut()
                    .find(|shared| shared.when == when && shared.words == words);
                match known {
                    Some(shared) => shared.states.push(answers.state),
                    None => all.push(Shared {
                        place: situations::place(case.situation),
                        when,
                        words,
                        states: vec![answers.state],
                    }),
                }
            }
        }
        all.retain(|shared| shared.states.len() >= MANY);
        all.sort_by_key(|shared| shared.place);
        all
    }
}

impl Answers {
    /// All situations, the usual one first.
    pub(super) fn cases(&self) -> impl Iterator<Item = &Case> {
        [&self.usual, &self.deleted].into_iter().chain(&self.others)
    }

    /// What is done in all situations with all nodes.
    fn words(&self) -> impl Iterator<Item = &str> {
        let all = self.cases().flat_map(|case| &case.answers);
        all.map(|answer| answer.words.as_str())
    }

    /// The node that is most likely, as an index of [`Survey::nodes`].
    pub(super) fn home(&self) -> usize {
        self.home
    }

    /// What a situation is compared with.
    pub(super) fn base(&self, case: &Case) -> &Case {
        match case.situation.of {
            Of::Living | Of::All => &self.usual,
            Of::Deleted => &self.deleted,
        }
    }

    /// A situation in words.
    pub(super) fn when(&self, case: &Case) -> String {
        let when = case.situation.when;
        if case.situation.of == Of::Deleted && !self.is_of_deletion {
            format!("{}, and {when}", DELETED.when)
        } else {
            when.to_owned()
        }
    }

    /// What is done out of the ordinary, for the node that is most likely in the situation; none where the situation makes
    /// no difference.
    pub(super) fn words_in(&self, case: &Case) -> Option<String> {
        let node = if case.loses_node {
            self.missing
        } else {
            self.home
        };
        let words = |case: &'_ Case| case.answers.get(node).map(|answer| answer.words.clone());
        if words(case) == words(self.base(case)) {
            None
        } else if case.situation.of == Of::Deleted && words(case) == words(&self.usual) {
            Some("goes on as if it were not deleted".to_owned())
        } else {
            words(case)
        }
    }

    /// Where a host goes that isn't deleted.
    pub(super) fn causes_in_life(&self) -> Vec<Cause> {
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
    pub(super) fn causes_in_deletion(&self) -> Vec<Cause> {
        let mut causes = causes(&self.deleted, &[], USUAL.when);
        let may_be = |case: &&Case| case.situation.of == Of::Deleted || self.is_of_deletion;
        for case in self.others.iter().filter(may_be) {
            let when = case.situation.when;
            causes.extend(self::causes(case, &[&self.deleted], when));
        }
        causes
    }

    /// Where a host goes, whatever happens to it.
    pub(super) fn causes(&self) -> Vec<Cause> {
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
