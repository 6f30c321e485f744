//! The rules for a boot volume that need nothing but the block itself.
//!
//! They speak the same grammar as the types in [`crate::values`], which the planner uses; a test
//! holds both to one table.

use kube::core::{Reason, Rule};

/// The grammar of an iSCSI name, except for its length.
///
/// Letters are spelled out: `(?i)` would also accept the Kelvin sign for a `k`.
const ISCSI_NAME: &str = concat!(
    "'^(",
    "[iI][qQ][nN][.][0-9]{4}-(0[1-9]|1[0-2])([.][A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+",
    "(:[A-Za-z0-9._:-]+)?",
    "|[eE][uU][iI][.][0-9A-Fa-f]{16}",
    "|[nN][aA][aA][.]([0-9A-Fa-f]{16}|[0-9A-Fa-f]{32})",
    ")$'",
);

/// What an address looks like whose host is an IPv6 address.
const IPV6: &str = r"'\\[|:.*:'";

/// An IPv4 address, and a port or none.
const IPV4_PORTAL: &str = concat!(
    "'^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])[.]){3}",
    "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])",
    "(:(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3}))?$'",
);

/// A DNS name, and a port or none.
const DNS_PORTAL: &str = concat!(
    "'^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*",
    "(:(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3}))?$'",
);

/// A host whose last label is a number, which can only be an IPv4 address.
const NUMERIC_HOST: &str = "'^(.*[.])?[0-9]+(:.*)?$'";

/// A host that is longer than a DNS name can be.
const LONG_HOST: &str = "'^[^:]{254}'";

pub(super) fn volume_id() -> Rule {
    Rule::new(r"self.matches('^[^\\p{Cc}]+$')").message(
        "spec.bootVolume.volumeId: must have 1 to 255 characters and no control characters; \
         give the volume's name in the system that it comes from",
    )
}

pub(super) fn connector_id() -> Rule {
    Rule::new(format!("self.matches({ISCSI_NAME})")).message(
        "spec.bootVolume.connectorId: must be an iSCSI name: iqn.yyyy-mm.reversed.domain[:unique] \
         with letters, digits, '.', '-', ':' and '_', or eui. and 16 hexadecimal digits, or naa. \
         and 16 or 32 of them; correct it, or leave it out to get one from the host's name",
    )
}

pub(super) fn iscsi_credentials_name() -> Rule {
    Rule::new("self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')")
        .message(
            "spec.bootVolume.iscsiCredentialsName: must be the name of a Secret in the host's \
         namespace; give its metadata.name, without a namespace",
        )
}

pub(super) fn iqn() -> Rule {
    Rule::new(format!("self.matches({ISCSI_NAME})")).message(
        "spec.bootVolume.iscsiTarget.iqn: must be an iSCSI name: \
         iqn.yyyy-mm.reversed.domain[:unique] with letters, digits, '.', '-', ':' and '_', or \
         eui. and 16 hexadecimal digits, or naa. and 16 or 32 of them; copy it from the storage",
    )
}

pub(super) fn lun() -> Rule {
    Rule::new("self >= 0 && self <= 255").message(
        "spec.bootVolume.iscsiTarget.lun: must be an integer from 0 to 255; \
         give the number of the volume in its target",
    )
}

/// Of `portal`, or of each of `portals`.
pub(super) fn portal_is_not_ipv6(field: &str) -> Rule {
    Rule::new(format!("!self.matches({IPV6})")).message(
        format!(
        "spec.bootVolume.iscsiTarget.{field}: IPv6 addresses can't be used, because Ironic splits \
         the portal at the first colon; give an IPv4 address or a DNS name",
    ).as_str())
}

/// Says nothing about what looks like an IPv6 address: another rule refuses that with its reason.
pub(super) fn portal(field: &str) -> Rule {
    Rule::new(format!(
        "self.matches({IPV6}) || self.matches({IPV4_PORTAL}) \
         || (self.matches({DNS_PORTAL}) && !self.matches({NUMERIC_HOST}) && !self.matches({LONG_HOST}))"
    ))
    .message(
        format!(
        "spec.bootVolume.iscsiTarget.{field}: must be host[:port] with an IPv4 address or a DNS \
         name and a port from 1 to 65535, for example 192.0.2.10:3260; correct the address",
    ).as_str())
}

/// An address without a port is the same as with 3260.
pub(super) fn portals_differ() -> Rule {
    let with_port = |portal| format!("({portal}.contains(':') ? {portal} : {portal} + ':3260')");
    Rule::new(format!(
        "self.all(one, self.filter(other, {} == {}).size() == 1)",
        with_port("other"),
        with_port("one")
    ))
    .message(
        "spec.bootVolume.iscsiTarget.portals: must have each address once; remove the second, or \
         give it another host or port",
    )
}

pub(super) fn one_of_portal_and_portals() -> Rule {
    Rule::new("has(self.portal) != has(self.portals)")
        .message(
            "spec.bootVolume.iscsiTarget.portal: either portal or portals is required; give the \
             target's one address, or the list of them",
        )
        .field_path(".portal")
        .reason(Reason::FieldValueRequired)
}

pub(super) fn iscsi_target_present() -> Rule {
    Rule::new(
        "self.volumeDriver != 'external' || self.targetType != 'iscsi' || has(self.iscsiTarget)",
    )
    .message(
        "spec.bootVolume.iscsiTarget: required with volumeDriver external and targetType iscsi; \
         give the target's iqn and portal",
    )
    .field_path(".iscsiTarget")
    .reason(Reason::FieldValueRequired)
}

pub(super) fn chap_needs_credentials() -> Rule {
    Rule::new(
        "self.volumeDriver == 'noop' || !has(self.iscsiTarget) || !has(self.iscsiTarget.authMethod) \
         || self.iscsiTarget.authMethod != 'CHAP' || has(self.iscsiCredentialsName)",
    )
    .message(
        "spec.bootVolume.iscsiCredentialsName: required with iscsiTarget.authMethod CHAP; \
         name the Secret with the CHAP credentials, or leave authMethod out",
    )
    .field_path(".iscsiCredentialsName")
    .reason(Reason::FieldValueRequired)
}

pub(super) fn no_chap_takes_no_credentials() -> Rule {
    Rule::new(
        "self.volumeDriver == 'noop' || !has(self.iscsiTarget) || !has(self.iscsiTarget.authMethod) \
         || self.iscsiTarget.authMethod != 'None' || !has(self.iscsiCredentialsName)",
    )
    .message(
        "spec.bootVolume.iscsiTarget.authMethod: None can't be used together with \
         iscsiCredentialsName; set it to CHAP, or remove iscsiCredentialsName",
    )
    .field_path(".iscsiTarget.authMethod")
    .reason(Reason::FieldValueForbidden)
}

pub(super) fn reclaim_policy_of_claims_only() -> Rule {
    Rule::new(
        "self.volumeDriver == 'noop' || !has(self.reclaimPolicy) || self.provisionOn == 'Claim'",
    )
    .message(
        "spec.bootVolume.reclaimPolicy: only for volumes with provisionOn Claim, because no others \
         are handed from consumer to consumer; remove it, or set provisionOn to Claim",
    )
    .field_path(".reclaimPolicy")
    .reason(Reason::FieldValueForbidden)
}
