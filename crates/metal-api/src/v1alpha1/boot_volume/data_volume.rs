//! Further volumes of a host that boots from a volume.

#![expect(
    unreachable_pub,
    reason = "kube's derive of the schema copies the struct into a function"
)]

use kube::KubeSchema;
use kube::core::{Reason, Rule};
use schemars::transform::{Transform, transform_subschemas};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{IscsiTarget, rules};

/// The most data volumes that one host has.
pub const MAX_DATA_VOLUMES: usize = 8;

/// A further volume of a host that boots from a volume.
///
/// Its driver, its transport and the initiator are those of the boot volume.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = chap_needs_credentials(),
    validation = no_chap_takes_no_credentials(),
)]
pub struct DataVolume {
    /// The name of the Secret, in the host's namespace, with the CHAP credentials for this volume.
    /// It is as that of a boot volume, and may be the same.
    /// Without it there is no authentication, whatever the boot volume has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("maxLength" = 253))]
    #[x_kube(validation = rules::iscsi_credentials_name())]
    pub iscsi_credentials_name: Option<String>,

    /// Where the volume is.
    pub iscsi_target: IscsiTarget,

    /// What the volume is called on this host: a DNS label, of which there are no two.
    #[schemars(extend("maxLength" = 63))]
    #[x_kube(validation = name())]
    pub name: String,

    /// The name of the volume in the system that it comes from, 1 to 255 characters without
    /// control characters.
    #[schemars(extend("maxLength" = 255))]
    #[x_kube(validation = rules::volume_id())]
    pub volume_id: String,
}

/// The schema of a list of them.
pub(in crate::v1alpha1) fn list(generator: &mut SchemaGenerator) -> Schema {
    let mut item = generator.subschema_for::<DataVolume>();
    OfDataVolumes.transform(&mut item);
    json_schema!({
        "type": "array",
        "maxItems": MAX_DATA_VOLUMES,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
        "items": item,
    })
}

/// Lets the messages of rules that are shared with the boot volume name the field where they stand.
struct OfDataVolumes;

impl Transform for OfDataVolumes {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let Some(Value::Array(rules)) = schema.get_mut("x-kubernetes-validations") else {
            return;
        };
        for rule in rules {
            if let Some(Value::String(message)) = rule.get_mut("message") {
                *message = message.replace("spec.bootVolume.", "spec.dataVolumes[*].");
            }
        }
    }
}

fn name() -> Rule {
    Rule::new("self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')").message(
        "spec.dataVolumes[*].name: must be a DNS label of lower case letters, digits and '-'; \
         give the volume a name of its own, for example data",
    )
}

fn chap_needs_credentials() -> Rule {
    Rule::new(
        "!has(self.iscsiTarget.authMethod) || self.iscsiTarget.authMethod != 'CHAP' \
         || has(self.iscsiCredentialsName)",
    )
    .message(
        "spec.dataVolumes[*].iscsiCredentialsName: required with iscsiTarget.authMethod CHAP; \
         name the Secret with the CHAP credentials, or leave authMethod out",
    )
    .field_path(".iscsiCredentialsName")
    .reason(Reason::FieldValueRequired)
}

fn no_chap_takes_no_credentials() -> Rule {
    Rule::new(
        "!has(self.iscsiTarget.authMethod) || self.iscsiTarget.authMethod != 'None' \
         || !has(self.iscsiCredentialsName)",
    )
    .message(
        "spec.dataVolumes[*].iscsiTarget.authMethod: None can't be used together with \
         iscsiCredentialsName; set it to CHAP, or remove iscsiCredentialsName",
    )
    .field_path(".iscsiTarget.authMethod")
    .reason(Reason::FieldValueForbidden)
}
