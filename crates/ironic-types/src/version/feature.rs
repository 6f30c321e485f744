//! The version each of Ironic's features came with.
//!
//! All numbers are from `ironic/api/controllers/v1/versions.py`.

use super::Microversion;

/// One constant for each row, and the table of their names; it does not compile unless each version
/// is younger than the one before it.
macro_rules! features {
    ($($name:ident = $minor:literal, $what:literal;)*) => {
        $(
            #[doc = concat!("Since 1.", $minor, ": ", $what, ".")]
            pub const $name: Microversion = Microversion::v1($minor);
        )*

        const NAMES: &[(Microversion, &str)] = &[$(($name, $what)),*];
    };
}

features! {
    INITIAL = 1, "the API as it was when versions were introduced";
    MANAGE = 4, "the provision verbs `manage` and `provide`";
    NODE_NAMES = 5, "nodes found by name";
    INSPECT = 6, "the provision verb `inspect`, and when a node was inspected";
    CLEAN_STEP = 7, "the step that a node's cleaning is at";
    FIELDS = 8, "`fields=` in lists";
    PROVISION_STATE_FILTER = 9, "nodes listed by their provision state";
    RAID = 12, "a node's RAID configuration";
    ABORT = 13, "the provision verb `abort`";
    CLEAN = 15, "the provision verb `clean`";
    DRIVER_FILTER = 16, "nodes listed by their driver";
    ADOPT = 17, "the provision verb `adopt`";
    PORT_INTERNAL_INFO = 18, "`internal_info` of a port";
    PORT_PXE_ENABLED = 19, "`pxe_enabled` and `local_link_connection` of a port";
    NETWORK_INTERFACE = 20, "the network interface of a node";
    RESOURCE_CLASS = 21, "`resource_class` of a node, and nodes listed by it";
    PORT_GROUPS = 24, "`portgroup_uuid` of a port";
    SOFT_POWER = 27, "soft power off, soft reboot, and a timeout for power actions";
    INJECT_NMI = 29, "non-maskable interrupts";
    DRIVER_INTERFACES = 30, "a driver's enabled interfaces";
    DYNAMIC_INTERFACES = 31, "hardware types, and the interfaces of a node";
    VOLUMES = 32, "volume connectors and volume targets";
    STORAGE_INTERFACE = 33, "the storage interface of a node";
    PORT_PHYSICAL_NETWORK = 34, "`physical_network` of a port";
    REBUILD_CONFIG_DRIVE = 35, "a config drive for the provision verb `rebuild`";
    TRAITS = 37, "a node's traits";
    RESCUE = 38, "the provision verbs `rescue` and `unrescue`, and the rescue interface of a node";
    BIOS = 40, "a node's BIOS settings, and its BIOS interface";
    FAULT = 42, "`fault` of a node, and nodes listed by it";
    DETAIL = 43, "`detail=` as a query parameter";
    DEPLOY_STEP = 44, "the step that a node's deployment is at";
    CONDUCTOR_GROUP = 46, "`conductor_group` of a node, and nodes listed by it";
    AUTOMATED_CLEAN = 47, "`automated_clean` of a node";
    PROTECTED = 48, "`protected` of a node";
    CONDUCTORS = 49, "conductors, and which of them a node has";
    OWNER = 50, "`owner` of a node, and nodes listed by it";
    DESCRIPTION = 51, "`description` of a node";
    ALLOCATIONS = 52, "`allocation_uuid` of a node";
    PORT_SMART_NIC = 53, "`is_smartnic` of a port";
    BUILD_CONFIG_DRIVE = 56, "config drives that Ironic builds";
    CONFIG_DRIVE_VENDOR_DATA = 59, "`vendor_data` in a config drive that Ironic builds";
    RETIRED = 61, "`retired` of a node";
    LESSEE = 65, "`lessee` of a node, and nodes listed by it";
    NETWORK_DATA = 66, "`network_data` of a node";
    DEPLOY_STEPS = 69, "deploy steps that the caller gives";
    CLEAN_DISABLE_RAMDISK = 70, "cleaning without the ramdisk";
    BIOS_REGISTRY = 74, "what is known of a BIOS setting besides its value";
    BOOT_MODE = 75, "`boot_mode` and `secure_boot` of a node";
    SET_BOOT_MODE = 76, "changes of the boot mode and of secure boot";
    HISTORY = 78, "a node's history";
    INVENTORY = 81, "a node's inventory";
    SHARD = 82, "`shard` of a node, and nodes and ports listed by it";
    CHILD_NODES = 83, "nodes that are parts of others";
    UNHOLD = 85, "the provision verb `unhold`";
    FIRMWARE_INTERFACE = 86, "the firmware interface of a node, and its firmware components";
    SERVICE = 87, "the provision verb `service`";
    PORT_NAME = 88, "`name` of a port";
    VIRTUAL_MEDIA = 89, "attaching and detaching virtual media";
    RUNBOOKS = 92, "runbooks";
    GET_VIRTUAL_MEDIA = 93, "reading which virtual media is attached";
    DISABLE_POWER_OFF = 95, "`disable_power_off` of a node";
    PORT_DESCRIPTION = 97, "`description` of a port";
    PORT_CONDUCTOR_GROUPS = 99, "ports listed by their nodes' conductor groups";
    PORT_VENDOR = 100, "`vendor` of a port";
    PORT_CATEGORY = 101, "`category` of a port";
    INSTANCE_NAME = 104, "`instance_name` of a node, and nodes listed by it";
    SERVICE_DISABLE_RAMDISK = 108, "servicing without the ramdisk";
    HEALTH = 109, "`health` of a node";
    ABORT_DEPLOYMENT = 110, "the verb `abort` for a deployment that waits for the machine";
    DYNAMIC_PORT_GROUPS = 111, "`available_for_dynamic_portgroup` of a port";
    HISTORY_PROJECT = 113, "the project in a node's history";
    FIRMWARE_IDENTITY = 114, "the vendor, model and serial number of a firmware component";
    HISTORY_STATES = 115, "the states and the duration in a node's history";
}

const _: () = {
    let mut i = 1;
    while i < NAMES.len() {
        assert!(NAMES[i].0.is_after(NAMES[i - 1].0));
        i += 1;
    }
};

/// What a version brought, in words, such as `` `disable_power_off` of a node ``; `None` if no call
/// asks for anything that came with it.
pub fn name(version: Microversion) -> Option<&'static str> {
    let at = NAMES.binary_search_by_key(&version, |(since, _)| *since);
    at.ok().map(|at| NAMES[at].1)
}
