//! The brain of Ironboot: what to do next for a host.
//!
//! # Purpose
//! [`plan`](plan()) maps one [`Observation`] (the host, its node in Ironic, facts about its Secrets, the time)
//! to one [`Plan`]: either a change of the host's own state, or effects on Ironic, or a wait with its reason.
//! [`next_host`] maps the same observation, the plan and what came of it to the host's next status.
//! [`check`](check()) looks for plans that would break a promise.
//!
//! # Scope
//! Everything that is decided is decided here, and so can be tested with values alone.
//!
//! # Non-goals
//! No I/O, no clock, no randomness, no runtime, no secret bytes: the observation holds references and versions of
//! Secrets, and the only module that opens one is `metal_controller::credentials`.

mod adoption;
mod backoff;
mod bmc;
mod boot_volume;
mod cancellation;
mod capabilities;
mod capacity;
mod check;
mod claim;
mod cleaning;
mod conditions;
mod config_drive;
mod credentials;
mod deletion;
mod detachment;
mod dispatch;
mod drift;
mod effect;
mod event;
mod fingerprint;
mod guard;
mod hardware;
mod host;
mod leases;
mod needs;
mod next;
mod not_implemented;
mod observation;
mod plan;
mod power;
mod redeploy;
mod registration;
mod removal;
mod render;
mod restore;
mod rivals;
mod states;
mod volumes;

use metal_api::v1alpha1::BareMetalHost;

pub use bmc::{Bmc, BmcAddressError, BmcIdentity, InterfaceKind, Interfaces, driver};
pub use boot_volume::{WantedTarget, effective, initiator, iscsi_secrets, wanted_targets};
pub use capacity::is_busy;
pub use check::{Violation, check};
pub use config_drive::{ConfigDriveFacts, VirtualMediaFacts, config_drive_secrets};
pub use dispatch::plan;
pub use drift::{has_drifted, lacks_target};
pub use effect::{
    ChapRef, CredentialsRef, DriverBlueprint, Effect, LeaseClaim, NodeBlueprint, Outcome,
};
pub use event::EventReason;
pub use fingerprint::Fingerprint;
pub use guard::{GuardSeen, GuardStep, SecretUse, guard, opts_in, secret_uses};
pub use hardware::architecture;
pub use host::is_shown_detached;
pub use leases::{
    HeldLease, HolderFacts, LeaseFact, LeaseFacts, LeaseHolder, VolumeLease, label_value,
    lease_holder, leases_matter, looked_up_leases, needed_leases,
};
pub use needs::{
    NODE_FIELDS, Needs, VolumeScope, YOUNG_NODE_FIELDS, needs, needs_node, volume_scope,
};
pub use next::{Event, EventKind, NextHost, next_host};
pub use observation::{
    Abilities, ChapFacts, IronicView, MacOwner, Observation, SecretFacts, Seen, Settings,
};
pub use plan::{Attempt, Blocker, Plan, RETRY, Step, Transition, Wait};
pub use registration::may_be_of;
pub use rivals::{Claim, Rival, claims, has_node, is_deployed, is_verified};
pub use volumes::{
    CREDENTIALS_KEY, DEPLOYMENT_KEY, LUN_MAPPING_KEY, PER_INITIATOR, target_matters,
    target_properties,
};

/// The name of the host's node in Ironic: `namespace~name`, as Metal3's baremetal-operator has it
/// (a Kubernetes name holds no `~`).
pub fn node_name(namespace: &str, name: &str) -> String {
    format!("{namespace}~{name}")
}

/// The name of this host's node.
pub fn node_name_of(host: &BareMetalHost) -> String {
    let metadata = &host.metadata;
    node_name(
        metadata.namespace.as_deref().unwrap_or_default(),
        metadata.name.as_deref().unwrap_or_default(),
    )
}
