//! The volume targets that Ironic gets for a deployment: one for each of its volumes.

use metal_api::v1alpha1::{DeployedVolume, IscsiTarget};

/// A volume of a deployment, as Ironic attaches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedTarget<'a> {
    /// Its place among the volumes of the node: the machine boots from the one with 0.
    pub boot_index: i64,
    /// Which of the data volumes it is; none for the boot volume.
    pub name: Option<&'a str>,
    /// The volume's name in its own system.
    pub volume_id: &'a str,
    /// How it is reached.
    pub iscsi_target: &'a IscsiTarget,
    /// The Secret with its credentials; none without authentication.
    pub iscsi_credentials_name: Option<&'a str>,
}

impl WantedTarget<'_> {
    /// Where the spec has it.
    pub(crate) fn field(&self) -> String {
        match self.name {
            None => "spec.bootVolume".to_owned(),
            Some(name) => format!("spec.dataVolumes[{name}]"),
        }
    }
}

/// The targets of a deployment, in the order of their boot indexes: the boot volume's, then the data volumes'.
pub fn wanted_targets(volume: &DeployedVolume) -> impl Iterator<Item = WantedTarget<'_>> {
    let boot = WantedTarget {
        boot_index: 0,
        name: None,
        volume_id: &volume.volume_id,
        iscsi_target: &volume.iscsi_target,
        iscsi_credentials_name: volume.iscsi_credentials_name.as_deref(),
    };
    let data = volume.data_volumes.iter().zip(1..);
    std::iter::once(boot).chain(data.map(|(volume, boot_index)| WantedTarget {
        boot_index,
        name: Some(&volume.name),
        volume_id: &volume.volume_id,
        iscsi_target: &volume.iscsi_target,
        iscsi_credentials_name: volume.iscsi_credentials_name.as_deref(),
    }))
}
