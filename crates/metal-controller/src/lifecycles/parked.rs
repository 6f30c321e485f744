//! Hosts that are brought into a state and left there, for others to disturb.

use std::fmt;

use ironic_sim::Power;
use serde_json::{Value, json};

use crate::testing::{ISCSI_SECRET, Life, diskless, external, with_disk};

/// Where a host is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parked {
    /// `registering`, for its BMC's password is wrong.
    Registering,
    /// `available`, with nothing to be deployed.
    Available,
    /// `available`, with a volume whose Secret is missing.
    Waiting,
    /// `provisioning`, while Ironic deploys.
    Provisioning,
    /// `provisioned`.
    Provisioned,
    /// `provisioned`, and to be off.
    ProvisionedOff,
    /// `deprovisioning`, while Ironic undeploys.
    Deprovisioning,
    /// `powering off before delete`, while the machine shuts down.
    PoweringOff,
    /// `externally provisioned`.
    External,
    /// `provisioned`, from an image, by baremetal-operator.
    Imaged,
    /// `provisioned`, and taken out of Ironic.
    Detached,
    /// `preparing`, while Ironic cleans.
    Preparing,
    /// `unmanaged`, for it names no BMC.
    Unmanaged,
}

impl Parked {
    pub(super) const ALL: [Self; 13] = [
        Self::Registering,
        Self::Available,
        Self::Waiting,
        Self::Provisioning,
        Self::Provisioned,
        Self::ProvisionedOff,
        Self::Deprovisioning,
        Self::PoweringOff,
        Self::External,
        Self::Imaged,
        Self::Detached,
        Self::Preparing,
        Self::Unmanaged,
    ];

    /// Whether the machine is left as it is when its host is deleted.
    pub(super) fn is_let_go(self) -> bool {
        matches!(self, Self::Detached | Self::Unmanaged)
    }

    /// A life that has come this far.
    pub(super) async fn reach(self) -> Life {
        let mut life = Life::begin();
        match self {
            Self::Registering => {
                life.bmc_secret("zebra-that-is-wrong")
                    .create(with_disk())
                    .await;
            }
            Self::Available => {
                life.create(with_disk()).await;
            }
            Self::Waiting => {
                life.remove_secret(ISCSI_SECRET).create(diskless()).await;
            }
            Self::Provisioning => {
                life.start(&diskless()).run_until_node_is("deploying").await;
            }
            Self::Provisioned => {
                life.create(diskless()).await;
            }
            Self::ProvisionedOff => {
                life.create(diskless()).await;
                life.spec(json!({"online": false})).await;
            }
            Self::Deprovisioning => {
                life.create(diskless()).await;
                life.start_patch(&json!({"spec": {"bootVolume": null}}));
                life.run_until_node_is("deleting").await;
            }
            Self::PoweringOff => {
                life.create(with_disk()).await;
                life.start_deletion()
                    .run_until_state_is("powering off before delete")
                    .await;
            }
            Self::External => {
                life.machine(|machine| machine.power = Power::On);
                life.create(external()).await;
            }
            Self::Imaged => {
                life.create(with_disk()).await;
                life.deploy_image().settle().await;
            }
            Self::Detached => {
                life.create(diskless()).await;
                life.annotate("baremetalhost.metal3.io/detached", "").await;
            }
            Self::Preparing => {
                life.start(&with_disk()).run_until_node_is("cleaning").await;
            }
            Self::Unmanaged => {
                let mut host = with_disk();
                host["spec"]["bmc"] = Value::Null;
                life.machine(|machine| machine.power = Power::On);
                life.create(host).await;
            }
        }
        life
    }
}

impl fmt::Display for Parked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

#[tokio::test(start_paused = true)]
async fn every_host_is_parked_where_it_says() {
    for (parked, host, node) in [
        (Parked::Registering, "registering", "enroll"),
        (Parked::Available, "available", "available"),
        (Parked::Waiting, "available", "available"),
        (Parked::Provisioning, "provisioning", "deploying"),
        (Parked::Provisioned, "provisioned", "active"),
        (Parked::ProvisionedOff, "provisioned", "active"),
        (Parked::Deprovisioning, "deprovisioning", "deleting"),
        (
            Parked::PoweringOff,
            "powering off before delete",
            "available",
        ),
        (Parked::External, "externally provisioned", "active"),
        (Parked::Imaged, "provisioned", "active"),
        (Parked::Detached, "provisioned", "none"),
        (Parked::Preparing, "preparing", "cleaning"),
        (Parked::Unmanaged, "unmanaged", "none"),
    ] {
        let mut life = parked.reach().await;
        life.expect_state(host).expect_node(node);
    }
}
