//! The fields of a node, and since when each may be asked for.

use super::Node;
use crate::fields::{Field, known, names};
use crate::version::{FLOOR, Microversion, feature};

/// What may be asked for in lists, the oldest first.
///
/// See `VERSIONED_FIELDS` in `ironic/api/controllers/v1/utils.py`, and `_get_fields_for_node_query`
/// in `ironic/api/controllers/v1/node.py`.
pub(crate) const LISTED: [Field; 58] = [
    ("uuid", feature::INITIAL),
    ("driver", feature::INITIAL),
    ("provision_state", feature::INITIAL),
    ("target_provision_state", feature::INITIAL),
    ("provision_updated_at", feature::INITIAL),
    ("power_state", feature::INITIAL),
    ("target_power_state", feature::INITIAL),
    ("last_error", feature::INITIAL),
    ("reservation", feature::INITIAL),
    ("maintenance", feature::INITIAL),
    ("maintenance_reason", feature::INITIAL),
    ("instance_uuid", feature::INITIAL),
    ("properties", feature::INITIAL),
    ("driver_info", feature::INITIAL),
    ("instance_info", feature::INITIAL),
    ("extra", feature::INITIAL),
    ("console_enabled", feature::INITIAL),
    ("name", feature::NODE_NAMES),
    ("inspection_started_at", feature::INSPECT),
    ("inspection_finished_at", feature::INSPECT),
    ("clean_step", feature::CLEAN_STEP),
    ("raid_config", feature::RAID),
    ("target_raid_config", feature::RAID),
    ("network_interface", feature::NETWORK_INTERFACE),
    ("resource_class", feature::RESOURCE_CLASS),
    ("boot_interface", feature::DYNAMIC_INTERFACES),
    ("console_interface", feature::DYNAMIC_INTERFACES),
    ("deploy_interface", feature::DYNAMIC_INTERFACES),
    ("inspect_interface", feature::DYNAMIC_INTERFACES),
    ("management_interface", feature::DYNAMIC_INTERFACES),
    ("power_interface", feature::DYNAMIC_INTERFACES),
    ("raid_interface", feature::DYNAMIC_INTERFACES),
    ("vendor_interface", feature::DYNAMIC_INTERFACES),
    ("storage_interface", feature::STORAGE_INTERFACE),
    ("traits", feature::TRAITS),
    ("rescue_interface", feature::RESCUE),
    ("bios_interface", feature::BIOS),
    ("fault", feature::FAULT),
    ("deploy_step", feature::DEPLOY_STEP),
    ("conductor_group", feature::CONDUCTOR_GROUP),
    ("automated_clean", feature::AUTOMATED_CLEAN),
    ("protected", feature::PROTECTED),
    ("protected_reason", feature::PROTECTED),
    ("owner", feature::OWNER),
    ("description", feature::DESCRIPTION),
    ("retired", feature::RETIRED),
    ("retired_reason", feature::RETIRED),
    ("lessee", feature::LESSEE),
    ("network_data", feature::NETWORK_DATA),
    ("boot_mode", feature::BOOT_MODE),
    ("secure_boot", feature::BOOT_MODE),
    ("shard", feature::SHARD),
    ("parent_node", feature::CHILD_NODES),
    ("firmware_interface", feature::FIRMWARE_INTERFACE),
    ("service_step", feature::SERVICE),
    ("disable_power_off", feature::DISABLE_POWER_OFF),
    ("instance_name", feature::INSTANCE_NAME),
    ("health", feature::HEALTH),
];

/// What may be asked for of a single node only: in a list, Ironic answers 500.
pub(crate) const SINGLE: [Field; 3] = [
    ("chassis_uuid", feature::INITIAL),
    ("conductor", feature::CONDUCTORS),
    ("allocation_uuid", feature::ALLOCATIONS),
];

const NAMES: [&str; LISTED.len()] = names(&LISTED);

impl Node {
    /// The fields of this type that may be asked for in lists at [`FLOOR`].
    ///
    /// All but `created_at` and `updated_at`, which Ironic refuses to be asked for, and
    /// `conductor`, `allocation_uuid` and `chassis_uuid`, for which it fails (500) in lists.
    pub const FIELDS: &'static [&'static str] = NAMES.split_at(known(&LISTED, FLOOR)).0;

    /// The fields of this type that may be asked for in lists at a version, such as the newest
    /// that a server speaks: at least [`Node::FIELDS`].
    ///
    /// ```
    /// use ironic_types::{FLOOR, Microversion, Node};
    ///
    /// assert!(!Node::fields_at(FLOOR).contains(&"health"));
    /// assert!(Node::fields_at(Microversion::v1(115)).contains(&"health"));
    /// ```
    pub fn fields_at(version: Microversion) -> &'static [&'static str] {
        &NAMES[..known(&LISTED, version.max(FLOOR))]
    }
}
