//! Calls that ask for a provision state, with more than the verb.
//!
//! Ironic takes them (202) and works on them later. It refuses a verb that the node's state does
//! not allow (400), and a node whose lock is held (409).
//! See `ironic/api/controllers/v1/node.py`, `NodeStatesController.provision`.

use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};

use super::lowest;
use crate::call::{Call, Method};
use crate::config_drive::ConfigDrive;
use crate::empty::Empty;
use crate::ids::NodeId;
use crate::provision::ProvisionVerb;
use crate::step::{DeployStep, Step, Steps};
use crate::version::{Microversion, feature};

fn path(node: NodeId) -> String {
    format!("/v1/nodes/{node}/states/provision")
}

/// The body of all of them.
#[derive(Serialize)]
struct Body<'a> {
    target: ProvisionVerb,
    #[serde(skip_serializing_if = "Option::is_none")]
    configdrive: Option<&'a ConfigDrive>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    deploy_steps: &'a [DeployStep],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    clean_steps: &'a [Step],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    service_steps: &'a [Step],
    #[serde(skip_serializing_if = "Option::is_none")]
    runbook: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disable_ramdisk: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rescue_password: Option<&'a str>,
}

impl Body<'_> {
    fn of(target: ProvisionVerb) -> Self {
        Self {
            target,
            configdrive: None,
            deploy_steps: &[],
            clean_steps: &[],
            service_steps: &[],
            runbook: None,
            disable_ramdisk: None,
            rescue_password: None,
        }
    }
}

/// Deploys a node.
///
/// Ironic refuses a node that is unfit (400): see [`ValidateNode`](super::ValidateNode).
#[derive(Clone, Debug, Default)]
pub struct DeployNode {
    /// Which.
    pub node: NodeId,
    /// Whether it is deployed again over what it has, from `active` or a failed state.
    pub rebuild: bool,
    /// What the deployed system finds about itself; what it had, if `None`.
    pub config_drive: Option<ConfigDrive>,
    /// Steps besides the driver's own.
    pub deploy_steps: Vec<DeployStep>,
}

impl Serialize for DeployNode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let target = if self.rebuild {
            ProvisionVerb::Rebuild
        } else {
            ProvisionVerb::Active
        };
        Body {
            configdrive: self.config_drive.as_ref(),
            deploy_steps: &self.deploy_steps,
            ..Body::of(target)
        }
        .serialize(serializer)
    }
}

impl Call for DeployNode {
    type Body = Self;
    type Response = Empty;
    const NAME: &'static str = "deploy node";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Put
    }

    fn path(&self) -> String {
        path(self.node)
    }

    fn body(&self) -> Option<&Self> {
        Some(self)
    }

    fn required_version(&self) -> Microversion {
        let (built, vendor_data) = match &self.config_drive {
            Some(ConfigDrive::Parts(parts)) => (true, !parts.vendor_data.is_empty()),
            Some(ConfigDrive::Ready(_)) | None => (false, false),
        };
        let parts = [
            (
                self.rebuild && self.config_drive.is_some(),
                feature::REBUILD_CONFIG_DRIVE,
            ),
            (built, feature::BUILD_CONFIG_DRIVE),
            (vendor_data, feature::CONFIG_DRIVE_VENDOR_DATA),
            (!self.deploy_steps.is_empty(), feature::DEPLOY_STEPS),
        ];
        lowest(Self::MIN_VERSION, parts)
    }

    fn secrets(&self) -> Vec<&SecretString> {
        let config_drive = self.config_drive.iter();
        config_drive.flat_map(ConfigDrive::secrets).collect()
    }
}

/// Ends a deployment that waits for the machine, and leaves the node in `deploy failed`.
///
/// In versions before 1.110 Ironic refuses (406) to abort in this state, and in this state only:
/// elsewhere, [`ProvisionVerb::Abort`] will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbortDeployment {
    /// Which.
    pub node: NodeId,
}

impl Serialize for AbortDeployment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Body::of(ProvisionVerb::Abort).serialize(serializer)
    }
}

impl Call for AbortDeployment {
    type Body = Self;
    type Response = Empty;
    const NAME: &'static str = "abort deployment of node";
    const MIN_VERSION: Microversion = feature::ABORT_DEPLOYMENT;

    fn method(&self) -> Method {
        Method::Put
    }

    fn path(&self) -> String {
        path(self.node)
    }

    fn body(&self) -> Option<&Self> {
        Some(self)
    }
}

/// Cleans a node by steps that the caller gives, from `manageable` and back to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CleanNode {
    /// Which.
    pub node: NodeId,
    /// The steps.
    pub steps: Steps,
    /// Whether the machine is left off: for steps that need no ramdisk. Ironic takes a runbook's
    /// own word instead.
    pub disable_ramdisk: bool,
}

impl Serialize for CleanNode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (clean_steps, runbook) = parts(&self.steps);
        Body {
            clean_steps,
            runbook,
            disable_ramdisk: self.disable_ramdisk.then_some(true),
            ..Body::of(ProvisionVerb::Clean)
        }
        .serialize(serializer)
    }
}

impl Call for CleanNode {
    type Body = Self;
    type Response = Empty;
    const NAME: &'static str = "clean node";
    const MIN_VERSION: Microversion = feature::CLEAN;

    fn method(&self) -> Method {
        Method::Put
    }

    fn path(&self) -> String {
        path(self.node)
    }

    fn body(&self) -> Option<&Self> {
        Some(self)
    }

    fn required_version(&self) -> Microversion {
        let disables = (self.disable_ramdisk, feature::CLEAN_DISABLE_RAMDISK);
        lowest(Self::MIN_VERSION, [disables, uses_runbook(&self.steps)])
    }
}

/// Services a deployed node by steps that the caller gives, from `active` and back to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceNode {
    /// Which.
    pub node: NodeId,
    /// The steps.
    pub steps: Steps,
    /// Whether the machine is left as it is: for steps that need no ramdisk. Ironic takes a
    /// runbook's own word instead. Since 1.108.
    pub disable_ramdisk: bool,
}

impl Serialize for ServiceNode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (service_steps, runbook) = parts(&self.steps);
        Body {
            service_steps,
            runbook,
            disable_ramdisk: self.disable_ramdisk.then_some(true),
            ..Body::of(ProvisionVerb::Service)
        }
        .serialize(serializer)
    }
}

impl Call for ServiceNode {
    type Body = Self;
    type Response = Empty;
    const NAME: &'static str = "service node";
    const MIN_VERSION: Microversion = feature::SERVICE;

    fn method(&self) -> Method {
        Method::Put
    }

    fn path(&self) -> String {
        path(self.node)
    }

    fn body(&self) -> Option<&Self> {
        Some(self)
    }

    fn required_version(&self) -> Microversion {
        let disables = (self.disable_ramdisk, feature::SERVICE_DISABLE_RAMDISK);
        lowest(Self::MIN_VERSION, [disables, uses_runbook(&self.steps)])
    }
}

/// The steps themselves, or the runbook.
fn parts(steps: &Steps) -> (&[Step], Option<&str>) {
    match steps {
        Steps::These(steps) => (steps, None),
        Steps::Runbook(runbook) => (&[], Some(runbook)),
    }
}

/// Whether there is a runbook, and the version that it needs.
fn uses_runbook(steps: &Steps) -> (bool, Microversion) {
    (matches!(steps, Steps::Runbook(_)), feature::RUNBOOKS)
}

/// Starts the rescue ramdisk on a deployed node.
#[derive(Clone, Debug)]
pub struct RescueNode {
    /// Which.
    pub node: NodeId,
    /// The password of the ramdisk's user `rescue`; Ironic refuses (400) one without characters.
    pub rescue_password: SecretString,
}

impl Serialize for RescueNode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Body {
            rescue_password: Some(self.rescue_password.expose_secret()),
            ..Body::of(ProvisionVerb::Rescue)
        }
        .serialize(serializer)
    }
}

impl Call for RescueNode {
    type Body = Self;
    type Response = Empty;
    const NAME: &'static str = "rescue node";
    const MIN_VERSION: Microversion = feature::RESCUE;

    fn method(&self) -> Method {
        Method::Put
    }

    fn path(&self) -> String {
        path(self.node)
    }

    fn body(&self) -> Option<&Self> {
        Some(self)
    }

    fn secrets(&self) -> Vec<&SecretString> {
        vec![&self.rescue_password]
    }
}
