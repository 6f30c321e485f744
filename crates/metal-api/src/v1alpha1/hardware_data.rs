//! The hardware of a host, as an object of its own.

use kube::CustomResource;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

use super::{HardwareDetails, schema};

/// The hardware of the host with the same name and namespace.
#[derive(CustomResource, JsonSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[kube(
    group = "metal3.io",
    version = "v1alpha1",
    kind = "HardwareData",
    singular = "hardwaredata",
    plural = "hardwaredata",
    shortname = "hd",
    namespaced,
    schema = "manual",
    derive = "PartialEq",
    derive = "Default",
    doc = "The hardware of a host, as inspection found it.",
    // Moved by `clusterctl` even where no host owns it.
    label("clusterctl.cluster.x-k8s.io", ""),
    label("clusterctl.cluster.x-k8s.io/move", ""),
    printcolumn(
        name = "Age",
        type_ = "date",
        description = "Time duration since creation of HardwareData",
        json_path = ".metadata.creationTimestamp"
    )
)]
#[serde(rename_all = "camelCase")]
pub struct HardwareDataSpec {
    /// The hardware that inspection found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hardware: Option<HardwareDetails>,
}

impl JsonSchema for HardwareData {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "HardwareData".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        schema::CustomResource {
            description: "The hardware of a host, as inspection found it.",
            spec: generator.subschema_for::<HardwareDataSpec>(),
            status: None,
            rules: Vec::new(),
        }
        .into()
    }
}
