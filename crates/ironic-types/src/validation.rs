//! What Ironic says about whether a node could be deployed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The answer to [`ValidateNode`](crate::calls::ValidateNode): a verdict for each interface.
///
/// See "Bare Metal API reference, Validate Node".
/// Ironic validates less than a deployment needs: a missing capability `iscsi_boot`, for one,
/// shows only when the deployment fails.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeValidation(pub BTreeMap<String, InterfaceValidation>);

impl NodeValidation {
    /// The verdict on an interface, such as `boot` or `storage`.
    pub fn get(&self, interface: &str) -> Option<&InterfaceValidation> {
        self.0.get(interface)
    }

    /// Those of these interfaces that Ironic refuses, with its reasons.
    ///
    /// The caller names the interfaces, because Ironic also refuses those that the node's driver
    /// lacks and a deployment does not need ("does not support firmware").
    pub fn failures<'a>(
        &'a self,
        interfaces: &'a [&'a str],
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        interfaces.iter().filter_map(|&interface| {
            let verdict = self.get(interface)?;
            let reason = verdict.reason.as_deref().unwrap_or("no reason given");
            (verdict.result == Some(false)).then_some((interface, reason))
        })
    }
}

/// Ironic's verdict on one interface of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceValidation {
    /// Whether it would do; `None` where the driver has no such interface.
    #[serde(default)]
    pub result: Option<bool>,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
