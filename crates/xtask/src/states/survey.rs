//! The planner's answers for every state of a host, every state of its node and every situation.

use anyhow::{Context, Result, bail};
use ironic_types::ProvisionState;
use metal_api::v1alpha1::ProvisioningState;
use metal_plan::{Step, plan};

use super::answer::{Answer, Place, ask};
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
    home: usize,
}

/// The answers for one state of a host in one situation.
pub(super) struct Case {
    /// The situation.
    pub(super) situation: &'static Situation,
    /// One for each of [`Survey::nodes`].
    pub(super) answers: Vec<Answer>,
}

/// Why a host goes somewhere.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Cause {
    /// The situation, in words; empty if nothing is out of the ordinary.
    pub(super) when: String,
    /// Whether the diagrams show it.
    pub(super) is_drawn: bool,
    /// With which nodes, as indices of [`Survey::nodes`].
    pub(super) nodes: Vec<usize>,
    /// Where to.
    pub(super) to: Place,
}

/// Asks for everything.
pub(super) fn survey() -> Result<Survey> {
    let nodes = NodeCase::all();
    let states = STATES
        .iter()
        .map(|state| answers(*state, &nodes))
        .collect::<Result<_>>()?;
    Ok(Survey { nodes, states })
}

fn answers(state: ProvisioningState, nodes: &[NodeCase]) -> Result<Answers> {
    let case = |situation: &'static Situation| case(state, nodes, situation);
    let home = home(state);
    expect_registered(state, &home)?;
    let home = nodes
        .iter()
        .position(|node| *node == NodeCase::In(home.clone()))
        .with_context(|| format!("{home} is none of the states that a node may be in"))?;
    let metadata = example::observation(state, &NodeCase::Missing)?
        .host
        .metadata;
    let is_of_deletion = metadata.deletion_timestamp.is_some();
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
        home,
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

fn case(
    state: ProvisioningState,
    nodes: &[NodeCase],
    situation: &'static Situation,
) -> Result<Case> {
    let answers = nodes
        .iter()
        .map(|node| {
            let mut observation = example::observation(state, node)?;
            if situation.of == Of::Deleted {
                (DELETED.change)(&mut observation)?;
            }
            (situation.change)(&mut observation)?;
            Ok(ask(&observation, node))
        })
        .collect::<Result<_>>()?;
    Ok(Case { situation, answers })
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

    /// A later state in which the same is done in all cases: the first is another name for it.
    pub(super) fn twin(&self, answers: &Answers) -> Option<ProvisioningState> {
        let words = |answers: &Answers| -> Vec<String> {
            let all = answers.cases().flat_map(|case| &case.answers);
            all.map(|answer| answer.words.clone()).collect()
        };
        let own = words(answers);
        let at = self
            .states
            .iter()
            .position(|other| other.state == answers.state)?;
        let later = self.states.iter().skip(at + 1);
        later
            .filter(|other| words(other) == own)
            .map(|other| other.state)
            .next()
    }
}

impl Answers {
    /// All situations, the usual one first.
    pub(super) fn cases(&self) -> impl Iterator<Item = &Case> {
        [&self.usual, &self.deleted].into_iter().chain(&self.others)
    }

    /// The answer for the node that is most likely.
    pub(super) fn at_home<'a>(&self, case: &'a Case) -> &'a Answer {
        &case.answers[self.home]
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

    /// Where a host goes that isn't deleted.
    pub(super) fn causes_in_life(&self) -> Vec<Cause> {
        let mut causes = causes(&self.usual, None, String::new());
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
        let mut causes = causes(&self.deleted, None, String::new());
        let may_be = |case: &&Case| case.situation.of == Of::Deleted || self.is_of_deletion;
        for case in self.others.iter().filter(may_be) {
            let when = case.situation.when.to_owned();
            causes.extend(self::causes(case, Some(&self.deleted), when));
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

    /// Where a situation leads that its base doesn't.
    fn causes_of(&self, case: &Case) -> Vec<Cause> {
        causes(case, Some(self.base(case)), self.when(case))
    }
}

fn causes(case: &Case, base: Option<&Case>, when: String) -> Vec<Cause> {
    let mut causes: Vec<Cause> = Vec::new();
    for (node, answer) in case.answers.iter().enumerate() {
        let Some(to) = answer.leads_to else { continue };
        if base.is_some_and(|base| base.answers[node].leads_to == Some(to)) {
            continue;
        }
        match causes.iter_mut().find(|cause| cause.to == to) {
            Some(cause) => cause.nodes.push(node),
            None => causes.push(Cause {
                when: when.clone(),
                is_drawn: case.situation.is_drawn,
                nodes: vec![node],
                to,
            }),
        }
    }
    causes
}
