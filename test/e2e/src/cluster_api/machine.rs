//! A machine of Cluster API: what its template asks for, and what the provider keeps of it.

use std::collections::BTreeMap;

use serde_json::Value;

/// What a `Metal3Machine` asks for.
#[derive(Debug, Clone, Default)]
pub struct MachineTemplate {
    /// `customDeploy.method`.
    pub custom_deploy: Option<String>,
    /// `image`: `url`, `checksum` and `checksumType`; without a `diskFormat` the provider writes an empty one.
    pub image: Option<Value>,
    /// `hostSelector.matchLabels`.
    pub host_selector: BTreeMap<String, String>,
    /// The Secret with the bootstrap data: no host is deployed before it is known.
    pub user_data: Option<String>,
    /// With a template for data the host is claimed first and deployed when the data is there.
    pub data_template: Option<DataTemplate>,
    /// `automatedCleaningMode`.
    pub automated_cleaning_mode: Option<String>,
    /// The `MachineDeployment`, where the `Metal3MachineTemplate` has `nodeReuse`.
    pub node_reuse: Option<String>,
}

/// What comes of a `Metal3DataTemplate`.
#[derive(Debug, Clone, Default)]
pub struct DataTemplate {
    /// Whether the Secrets are there.
    pub is_ready: bool,
    /// The Secret with the metadata.
    pub meta_data: Option<String>,
    /// The Secret with the network data.
    pub network_data: Option<String>,
}

/// A `Metal3Machine`.
#[derive(Debug, Clone)]
pub struct Metal3Machine {
    /// Its name.
    pub name: String,
    /// What it asks for.
    pub template: MachineTemplate,
    /// The annotation `metal3.io/BareMetalHost`: the host that it has.
    pub host: Option<String>,
    /// Whether it is being deleted.
    pub is_deleted: bool,
    /// Whether the provider has not let go of it yet.
    pub has_finalizer: bool,
    /// `spec.providerID`, once its host is provisioned.
    pub provider_id: Option<String>,
    /// `status.addresses`: type and address.
    pub addresses: Vec<(&'static str, String)>,
}

impl Metal3Machine {
    /// The Secret with the bootstrap data of [diskless machines](Self::diskless).
    pub const USER_DATA: &str = "bootstrap";

    /// A machine that has no host yet.
    pub fn new(name: &str, template: &MachineTemplate) -> Self {
        Self {
            name: name.to_owned(),
            template: template.clone(),
            host: None,
            is_deleted: false,
            has_finalizer: true,
            provider_id: None,
            addresses: Vec::new(),
        }
    }

    /// A machine that is booted from its host's volume; only hosts with this label will do.
    pub fn diskless(name: &str, label: (&str, &str)) -> Self {
        let template = MachineTemplate {
            custom_deploy: Some(metal_api::names::BOOT_VOLUME_METHOD.to_owned()),
            user_data: Some(Self::USER_DATA.to_owned()),
            host_selector: [(label.0.to_owned(), label.1.to_owned())].into(),
            ..MachineTemplate::default()
        };
        Self::new(name, &template)
    }

    /// Whether its host is provisioned.
    pub fn is_ready(&self) -> bool {
        self.provider_id.is_some()
    }

    /// Whether it is gone.
    pub fn is_gone(&self) -> bool {
        self.is_deleted && !self.has_finalizer
    }
}
