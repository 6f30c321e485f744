//! The fields of a port, and since when each may be asked for.

use super::Port;
use crate::fields::{Field, known, names};
use crate::version::{FLOOR, Microversion, feature};

/// What may be asked for in lists, the oldest first.
///
/// See `PortsController._check_allowed_port_fields` in `ironic/api/controllers/v1/port.py`.
pub(crate) const LISTED: [Field; 15] = [
    ("uuid", feature::INITIAL),
    ("node_uuid", feature::INITIAL),
    ("address", feature::INITIAL),
    ("extra", feature::INITIAL),
    ("internal_info", feature::PORT_INTERNAL_INFO),
    ("pxe_enabled", feature::PORT_PXE_ENABLED),
    ("local_link_connection", feature::PORT_PXE_ENABLED),
    ("portgroup_uuid", feature::PORT_GROUPS),
    ("physical_network", feature::PORT_PHYSICAL_NETWORK),
    ("is_smartnic", feature::PORT_SMART_NIC),
    ("name", feature::PORT_NAME),
    ("description", feature::PORT_DESCRIPTION),
    ("vendor", feature::PORT_VENDOR),
    ("category", feature::PORT_CATEGORY),
    (
        "available_for_dynamic_portgroup",
        feature::DYNAMIC_PORT_GROUPS,
    ),
];

const NAMES: [&str; LISTED.len()] = names(&LISTED);

impl Port {
    /// The fields of this type that may be asked for in lists at [`FLOOR`]: all but `created_at`
    /// and `updated_at`, and the youngest.
    pub const FIELDS: &'static [&'static str] = NAMES.split_at(known(&LISTED, FLOOR)).0;

    /// The fields of this type that may be asked for in lists at a version, such as the newest
    /// that a server speaks: at least [`Port::FIELDS`].
    pub fn fields_at(version: Microversion) -> &'static [&'static str] {
        &NAMES[..known(&LISTED, version.max(FLOOR))]
    }
}
