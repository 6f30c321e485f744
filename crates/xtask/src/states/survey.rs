//! The planner's answers for every state of a host, every state of its node and every situation.

use anyhow::{Context, Result, bail};
use ironic_types::ProvisionState;
use metal_api::v1alpha1::ProvisioningState;
use metal_plan::{IronicView, Observation, Step, plan};

use super::answer::{Answer, Waits, ask};
use super::example::{self, NodeCase};
use super::situations::{self, DELETED, Of, Situation, USUAL};
use super::words::name;

mod causes;
mod shared;

pub(super) use causes::Cause;
pub(super) use shared::Shared;

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

/// Asks for everything.
pub(super) fn survey() -> Result<Survey> {
    let nodes = NodeCase::all();
    let mut states = ProvisioningState::ALL
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
    expect_all_goes_well(state, &home)?;
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

/// Fails if the example is not as the planner would leave it: it would answer nothing else.
fn expect_all_goes_well(state: ProvisioningState, home: &ProvisionState) -> Result<()> {
    let observation = example::observation(state, &NodeCase::In(home.clone()))?;
    let plan = plan(&observation);
    let is_as_it_should_be = match &plan.step {
        Step::Act(effects) => !effects
            .iter()
            .any(|effect| matches!(effect.kind(), "CreateNode" | "SetDriverInfo")),
        Step::Wait(_) => false,
        Step::Enter(_) | Step::Rest | Step::Ignore => true,
    };
    if is_as_it_should_be {
        return Ok(());
    }
    bail!(
        "in {} with a node that is {home} the planner says \"{plan}\", though nothing is out of the ordinary: make the example in crates/xtask/src/states/example.rs so that all goes well",
        name(state)
    )
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
}
