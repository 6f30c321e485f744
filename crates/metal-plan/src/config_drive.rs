//! The host's config drive: whether its machine gets one, what is known of its content without knowing it, and how it gets
//! into the machine's virtual CD drive and out again.
//!
//! Ironic inserts and ejects in its own time, says `inserted` of an older disc too, and clears its `last_error` within
//! seconds. So the drive is emptied before the first volume target of a deployment is made, and the target with the
//! deployment's id is the mark: what is inserted after it is that deployment's.

use ironic_types::Node;
use metal_api::conditions::UserDataReason;
use metal_api::names;
use metal_api::v1alpha1::{
    BareMetalHost, BareMetalHostSpec, BareMetalHostStatus, BootVolume, ConfigDrive, DeployedVolume,
    ErrorType,
};

use crate::backoff;
use crate::boot_volume;
use crate::claim;
use crate::effect::Effect;
use crate::fingerprint::{Comparison, Fingerprint};
use crate::host::{annotation, deployment, shows_failure};
use crate::observation::{Observation, Seen};
use crate::plan::{Blocker, Plan, Wait};
use crate::volumes;

/// What is known of the config drive that the host's Secrets make, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigDriveFacts {
    /// The host's state needs no look at it, or the host wants none.
    NotRead,
    /// This operator has no address at which Ironic could get a config drive: `--config-drive-url`.
    NotServed,
    /// There is no Secret of the name that a field gives, in the host's namespace.
    SecretMissing {
        /// The field, such as `spec.userData`.
        field: &'static str,
        /// The Secret's name.
        secret: String,
    },
    /// It can't be used.
    SecretInvalid {
        /// The field, such as `spec.userData`.
        field: &'static str,
        /// The Secret's name.
        secret: String,
        /// Says what is wrong with it; never the content.
        problem: String,
    },
    /// It can be made.
    Usable {
        /// Tells its content from another.
        fingerprint: Fingerprint,
    },
}

/// What is known of the virtual CD drive of the host's machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum VirtualMediaFacts {
    /// The host's state needs no look at it.
    #[default]
    NotRead,
    /// There is none, or this Ironic has no way to it.
    Lacking {
        /// Why, without a final dot.
        problem: String,
    },
    /// Ironic could not ask the BMC.
    Unreadable {
        /// Ironic's words.
        message: String,
    },
    /// The node is locked: Ironic inserts, ejects, or does something else.
    Busy,
    /// Ironic is at rest.
    Drive {
        /// Whether there is a disc in it.
        is_inserted: bool,
        /// The node's `last_error`, read together with it.
        last_error: Option<String>,
        /// Whether this operator asked for the contrary a while ago, and nothing came of it.
        is_asked_in_vain: bool,
    },
}

impl VirtualMediaFacts {
    /// Whether there is a disc in the drive; none where nobody could look.
    pub(crate) fn has_disc(&self) -> Option<bool> {
        match self {
            Self::Drive { is_inserted, .. } => Some(*is_inserted),
            Self::NotRead | Self::Lacking { .. } | Self::Unreadable { .. } | Self::Busy => None,
        }
    }
}

/// How Ironic's `last_error` begins if it could not insert (`do_attach_virtual_media` in `ironic/conductor/manager.py`).
const NOT_ATTACHED: &str = "Could not attach device";
/// Likewise if it could not eject.
const NOT_DETACHED: &str = "Could not detach device";

const NOT_INSERTED: &str = "the config drive could not be inserted";
const NOT_EJECTED: &str = "the config drive could not be ejected";
const NO_EFFECT: &str = "Ironic took the request, and the BMC shows no change a minute later";

/// Whether the machine gets a config drive at the next deployment.
pub(crate) fn is_wanted(spec: &BareMetalHostSpec) -> bool {
    let has_data =
        spec.user_data.is_some() || spec.network_data.is_some() || spec.meta_data.is_some();
    boot_volume::effective(spec).is_some_and(|volume| match volume.config_drive {
        Some(ConfigDrive::VirtualMedia) => true,
        Some(ConfigDrive::None) => false,
        None => has_data,
    })
}

/// The Secrets that it is made of, in the host's namespace; none where it gets none. Those of other namespaces are never read.
pub fn config_drive_secrets(host: &BareMetalHost) -> impl Iterator<Item = &str> {
    let spec = &host.spec;
    [&spec.user_data, &spec.network_data, &spec.meta_data]
        .into_iter()
        .flatten()
        .filter(|_| is_wanted(spec))
        .filter_map(|secret| secret.name.as_deref())
}

/// Whether a config drive may be in the machine: by the record, or by the annotation that outlives it. It stays until the
/// drive was seen empty.
pub(crate) fn may_be_in(host: &BareMetalHost) -> bool {
    let is_recorded = deployment(host).is_some_and(|volume| volume.config_drive.is_some());
    is_recorded || annotation(host, names::DEPLOYED_CONFIG_DRIVE_ANNOTATION).is_some()
}

/// Whether it gets one, or will once a consumer has brought its user data.
pub(crate) fn may_be_wanted(host: &BareMetalHost) -> bool {
    let forgoes = |volume: &BootVolume| volume.config_drive == Some(ConfigDrive::None);
    let is_offered =
        claim::is_awaited(host) && !boot_volume::effective(&host.spec).is_some_and(forgoes);
    is_wanted(&host.spec) || is_offered
}

/// The content that the machine gets at the next deployment; none where it gets no config drive.
pub(crate) fn content(observation: &Observation) -> Result<Option<&Fingerprint>, Blocker> {
    if !is_wanted(&observation.host.spec) {
        return Ok(None);
    }
    usable(observation).map(Some)
}

fn usable(observation: &Observation) -> Result<&Fingerprint, Blocker> {
    let (reason, message) = match &observation.config_drive {
        ConfigDriveFacts::Usable { fingerprint } => return Ok(fingerprint),
        ConfigDriveFacts::NotRead => (
            UserDataReason::Pending,
            "the user data was not looked at yet".to_owned(),
        ),
        ConfigDriveFacts::NotServed => (
            UserDataReason::NotServed,
            "spec.bootVolume.configDrive: this operator serves no config drives; set its flag --config-drive-url, or configDrive to None to do without user data".to_owned(),
        ),
        ConfigDriveFacts::SecretMissing { field, secret } => (
            UserDataReason::SecretMissing,
            format!("{field}: Secret {secret} does not exist in the host's namespace; create it"),
        ),
        ConfigDriveFacts::SecretInvalid {
            field,
            secret,
            problem,
        } => (
            UserDataReason::SecretInvalid,
            format!("{field}: Secret {secret} can't be used: {problem}"),
        ),
    };
    Err(Blocker::UserData { reason, message })
}

/// Whether the user data that the machine gets, or that a consumer will bring, can be delivered; a plan where that can't be
/// told yet.
pub(crate) fn check(observation: &Observation, seen: &Seen) -> Result<Option<Plan>, Blocker> {
    if !may_be_wanted(&observation.host) {
        return Ok(None);
    }
    usable(observation)?;
    match &seen.virtual_media {
        VirtualMediaFacts::Drive { .. } => Ok(None),
        VirtualMediaFacts::NotRead | VirtualMediaFacts::Busy => {
            Ok(Some(Plan::wait(Wait::VirtualMedia)))
        }
        VirtualMediaFacts::Lacking { problem } => Err(lacking(problem)),
        VirtualMediaFacts::Unreadable { message } => Err(Blocker::UserData {
            reason: UserDataReason::Pending,
            message: format!("Ironic can't look at the machine's virtual media: {message}"),
        }),
    }
}

fn lacking(problem: &str) -> Blocker {
    Blocker::UserData {
        reason: UserDataReason::NoVirtualMedia,
        message: format!(
            "spec.bootVolume.configDrive: user data can't be delivered ({problem}); set it to None to do without user data"
        ),
    }
}

/// What is next for the disc of a deployment that is about to begin.
pub(crate) enum Insertion {
    /// It is in, or there is to be none.
    Done,
    /// The machine's volumes are told to Ironic, then it is inserted.
    Insert(Effect),
    /// Something else comes first.
    First(Plan),
}

/// How the intent's config drive gets into a machine that is off, and one of before out of it.
pub(crate) fn insertion(
    observation: &Observation,
    seen: &Seen,
    node: &Node,
    intent: &DeployedVolume,
) -> Result<Insertion, Blocker> {
    let content = match &intent.config_drive {
        Some(_) => content(observation)?,
        None => None,
    };
    let Some(content) = content else {
        let before = ejection(observation, seen, node);
        return Ok(before.map_or(Insertion::Done, Insertion::First));
    };
    let has_begun = volumes::is_deployed(node, seen, intent);
    Ok(match &seen.virtual_media {
        // Nobody knows what is on it.
        VirtualMediaFacts::Drive {
            is_inserted: true, ..
        } if !has_begun => Insertion::First(take_out(observation, seen, node)),
        VirtualMediaFacts::Drive {
            last_error: Some(error),
            ..
        } if has_begun && error.starts_with(NOT_ATTACHED) => {
            Insertion::First(failed(NOT_INSERTED, error))
        }
        VirtualMediaFacts::Drive {
            is_inserted: true, ..
        } => Insertion::Done,
        VirtualMediaFacts::Drive {
            is_asked_in_vain: true,
            ..
        } if has_begun => Insertion::First(failed(NOT_INSERTED, NO_EFFECT)),
        VirtualMediaFacts::Drive { .. } => Insertion::Insert(Effect::AttachConfigDrive {
            node: node.uuid,
            content: content.clone(),
        }),
        VirtualMediaFacts::Unreadable { message } => {
            Insertion::First(failed_again(observation, NOT_INSERTED, message))
        }
        VirtualMediaFacts::Lacking { problem } => return Err(lacking(problem)),
        VirtualMediaFacts::NotRead | VirtualMediaFacts::Busy => {
            Insertion::First(Plan::wait(Wait::VirtualMedia))
        }
    })
}

/// What is to be done until no config drive of ours can be in a machine that is off; none once that is so.
pub(crate) fn ejection(observation: &Observation, seen: &Seen, node: &Node) -> Option<Plan> {
    let is_out = seen.virtual_media.has_disc() == Some(false);
    (may_be_in(&observation.host) && !is_out).then(|| take_out(observation, seen, node))
}

/// A drive that can't be looked at is not taken for empty: the next one to have the machine would get the disc.
fn take_out(observation: &Observation, seen: &Seen, node: &Node) -> Plan {
    let shows_failure = shows_failure(&observation.host);
    match &seen.virtual_media {
        VirtualMediaFacts::NotRead | VirtualMediaFacts::Busy => Plan::wait(Wait::VirtualMedia),
        VirtualMediaFacts::Lacking { problem: words }
        | VirtualMediaFacts::Unreadable { message: words } => {
            failed_again(observation, NOT_EJECTED, words)
        }
        VirtualMediaFacts::Drive {
            last_error: Some(error),
            ..
        } if error.starts_with(NOT_DETACHED) && !shows_failure => failed(NOT_EJECTED, error),
        VirtualMediaFacts::Drive {
            is_asked_in_vain: true,
            ..
        } if !shows_failure => failed(NOT_EJECTED, NO_EFFECT),
        VirtualMediaFacts::Drive { .. } => {
            Plan::change_media(vec![Effect::DetachConfigDrive { node: node.uuid }])
        }
    }
}

fn failed(what: &str, words: &str) -> Plan {
    Plan::failed(ErrorType::Provisioning, format!("{what}: {words}"))
}

/// Nothing is sent that could fail: each look counts, at its time.
fn failed_again(observation: &Observation, what: &str, words: &str) -> Plan {
    let host = &observation.host;
    let uid = host.metadata.uid.as_deref().unwrap_or_default();
    let status = host.status.as_ref();
    match status.and_then(|status| backoff::next_attempt(status, uid)) {
        Some(until) if observation.now < until => Plan::back_off(observation.now, until),
        Some(_) | None => failed(what, words),
    }
}

/// What is shown of an answer by which Ironic refused an effect at once.
pub(crate) fn refused_in_words(effect: &Effect, message: &str) -> String {
    if matches!(effect, Effect::AttachConfigDrive { .. }) {
        format!("{NOT_INSERTED}: {message}")
    } else if matches!(effect, Effect::DetachConfigDrive { .. }) {
        format!("{NOT_EJECTED}: {message}")
    } else {
        message.to_owned()
    }
}

/// Whether the failure on record is one of the config drive.
pub(crate) fn has_failed(status: &BareMetalHostStatus) -> bool {
    [NOT_INSERTED, NOT_EJECTED]
        .iter()
        .any(|failure| status.error_message.starts_with(failure))
}

/// Whether another deployment would deliver something else than the machine has, or nobody can tell.
pub(crate) fn is_pending(observation: &Observation, deployed: &DeployedVolume) -> bool {
    match (&deployed.config_drive, is_wanted(&observation.host.spec)) {
        (None, false) => false,
        (None, true) | (Some(_), false) => true,
        (Some(recorded), true) => match &observation.config_drive {
            ConfigDriveFacts::Usable { fingerprint } => {
                fingerprint.compare(recorded) != Comparison::Same
            }
            ConfigDriveFacts::NotRead
            | ConfigDriveFacts::NotServed
            | ConfigDriveFacts::SecretMissing { .. }
            | ConfigDriveFacts::SecretInvalid { .. } => false,
        },
    }
}
