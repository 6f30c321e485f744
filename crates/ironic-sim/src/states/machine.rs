//! The table of transitions.

use super::State;

/// What moves a node from state to state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Deploy.
    Deploy,
    /// Deploy again.
    Rebuild,
    /// Undeploy.
    Delete,
    /// Manage.
    Manage,
    /// Provide.
    Provide,
    /// Inspect.
    Inspect,
    /// Abort.
    Abort,
    /// Clean.
    Clean,
    /// Adopt.
    Adopt,
    /// Rescue.
    Rescue,
    /// Unrescue.
    Unrescue,
    /// Let on.
    Unhold,
    /// Service.
    Service,
    /// It worked.
    Done,
    /// It failed.
    Fail,
    /// It waits for the machine.
    Wait,
    /// The machine called.
    Resume,
}

/// Where an event leads from a state, if anywhere.
pub(crate) fn next(from: State, event: Event) -> Option<State> {
    table(event)
        .iter()
        .find_map(|(before, after)| (*before == from).then_some(*after))
}

/// The transitions of an event.
fn table(event: Event) -> &'static [(State, State)] {
    match event {
        Event::Deploy => DEPLOY,
        Event::Rebuild => REBUILD,
        Event::Delete => DELETE,
        Event::Manage => MANAGE,
        Event::Provide => PROVIDE,
        Event::Inspect => INSPECT,
        Event::Abort => ABORT,
        Event::Clean => CLEAN,
        Event::Adopt => ADOPT,
        Event::Rescue => RESCUE,
        Event::Unrescue => UNRESCUE,
        Event::Unhold => UNHOLD,
        Event::Service => SERVICE,
        Event::Done => DONE,
        Event::Fail => FAIL,
        Event::Wait => WAIT,
        Event::Resume => RESUME,
    }
}

use State as S;

const DEPLOY: &[(S, S)] = &[
    (S::Available, S::Deploying),
    (S::DeployFailed, S::Deploying),
];

const REBUILD: &[(S, S)] = &[
    (S::DeployFailed, S::Deploying),
    (S::Active, S::Deploying),
    (S::Error, S::Deploying),
];

const DELETE: &[(S, S)] = &[
    (S::Active, S::Deleting),
    (S::DeployWait, S::Deleting),
    (S::DeployFailed, S::Deleting),
    (S::Error, S::Deleting),
    (S::Rescue, S::Deleting),
    (S::RescueFailed, S::Deleting),
    (S::RescueWait, S::Deleting),
    (S::UnrescueFailed, S::Deleting),
    (S::ServiceFailed, S::Deleting),
    (S::ServiceWait, S::Deleting),
];

const MANAGE: &[(S, S)] = &[
    (S::CleanFailed, S::Manageable),
    (S::Cleaning, S::Manageable),
    (S::Available, S::Manageable),
    (S::InspectFailed, S::Manageable),
    (S::Enroll, S::Verifying),
    (S::AdoptFailed, S::Manageable),
];

const PROVIDE: &[(S, S)] = &[(S::Manageable, S::Cleaning)];

const INSPECT: &[(S, S)] = &[
    (S::Manageable, S::Inspecting),
    (S::InspectFailed, S::Inspecting),
];

const ABORT: &[(S, S)] = &[
    (S::DeployHold, S::DeployFailed),
    (S::DeployWait, S::DeployFailed),
    (S::CleanWait, S::CleanFailed),
    (S::CleanHold, S::CleanFailed),
    (S::InspectWait, S::InspectFailed),
    (S::RescueWait, S::RescueFailed),
    (S::ServiceWait, S::ServiceFailed),
    (S::ServiceHold, S::ServiceFailed),
    (S::ServiceFailed, S::Active),
];

const CLEAN: &[(S, S)] = &[(S::Deleting, S::Cleaning), (S::Manageable, S::Cleaning)];

const ADOPT: &[(S, S)] = &[(S::Manageable, S::Adopting), (S::AdoptFailed, S::Adopting)];

const RESCUE: &[(S, S)] = &[
    (S::Active, S::Rescuing),
    (S::Rescue, S::Rescuing),
    (S::RescueFailed, S::Rescuing),
    (S::UnrescueFailed, S::Rescuing),
    (S::ServiceFailed, S::Rescuing),
];

const UNRESCUE: &[(S, S)] = &[
    (S::RescueFailed, S::Unrescuing),
    (S::Rescue, S::Unrescuing),
    (S::UnrescueFailed, S::Unrescuing),
];

const UNHOLD: &[(S, S)] = &[
    (S::DeployHold, S::DeployWait),
    (S::CleanHold, S::CleanWait),
    (S::ServiceHold, S::ServiceWait),
];

const SERVICE: &[(S, S)] = &[
    (S::Active, S::Servicing),
    (S::ServiceHold, S::Servicing),
    (S::ServiceFailed, S::Servicing),
];

const DONE: &[(S, S)] = &[
    (S::Deploying, S::Active),
    (S::Cleaning, S::Available),
    (S::Inspecting, S::Manageable),
    (S::InspectWait, S::Manageable),
    (S::Rescuing, S::Rescue),
    (S::Unrescuing, S::Active),
    (S::Verifying, S::Manageable),
    (S::Adopting, S::Active),
    (S::Servicing, S::Active),
];

const FAIL: &[(S, S)] = &[
    (S::Deploying, S::DeployFailed),
    (S::DeployWait, S::DeployFailed),
    (S::Deleting, S::Error),
    (S::Cleaning, S::CleanFailed),
    (S::CleanWait, S::CleanFailed),
    (S::Inspecting, S::InspectFailed),
    (S::InspectWait, S::InspectFailed),
    (S::RescueWait, S::RescueFailed),
    (S::Rescuing, S::RescueFailed),
    (S::Unrescuing, S::UnrescueFailed),
    (S::Verifying, S::Enroll),
    (S::Adopting, S::AdoptFailed),
    (S::Servicing, S::ServiceFailed),
    (S::ServiceWait, S::ServiceFailed),
    (S::ServiceHold, S::ServiceFailed),
];

const WAIT: &[(S, S)] = &[
    (S::Deploying, S::DeployWait),
    (S::Cleaning, S::CleanWait),
    (S::Inspecting, S::InspectWait),
    (S::Rescuing, S::RescueWait),
    (S::Servicing, S::ServiceWait),
    (S::ServiceFailed, S::ServiceWait),
];

const RESUME: &[(S, S)] = &[
    (S::DeployWait, S::Deploying),
    (S::CleanWait, S::Cleaning),
    (S::InspectWait, S::Inspecting),
    (S::RescueWait, S::Rescuing),
    (S::ServiceWait, S::Servicing),
];
