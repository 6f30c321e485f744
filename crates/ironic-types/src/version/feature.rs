//! The version each of Ironic's features came with.
//!
//! All numbers are from `ironic/api/controllers/v1/versions.py`.

use super::Microversion;

/// The API as it was when versions were introduced.
pub const INITIAL: Microversion = Microversion::v1(1);
/// The provision verbs `manage` and `provide`.
pub const MANAGE: Microversion = Microversion::v1(4);
/// Nodes found by name.
pub const NODE_NAMES: Microversion = Microversion::v1(5);
/// The provision verb `inspect`, and when a node was inspected.
pub const INSPECT: Microversion = Microversion::v1(6);
/// The step that a node's cleaning is at.
pub const CLEAN_STEP: Microversion = Microversion::v1(7);
/// `fields=` in lists.
pub const FIELDS: Microversion = Microversion::v1(8);
/// Nodes listed by their provision state.
pub const PROVISION_STATE_FILTER: Microversion = Microversion::v1(9);
/// A node's RAID configuration.
pub const RAID: Microversion = Microversion::v1(12);
/// The provision verb `abort`.
pub const ABORT: Microversion = Microversion::v1(13);
/// The provision verb `clean`.
pub const CLEAN: Microversion = Microversion::v1(15);
/// Nodes listed by their driver.
pub const DRIVER_FILTER: Microversion = Microversion::v1(16);
/// The provision verb `adopt`.
pub const ADOPT: Microversion = Microversion::v1(17);
/// `internal_info` of a port.
pub const PORT_INTERNAL_INFO: Microversion = Microversion::v1(18);
/// `pxe_enabled` and `local_link_connection` of a port.
pub const PORT_PXE_ENABLED: Microversion = Microversion::v1(19);
/// The network interface of a node.
pub const NETWORK_INTERFACE: Microversion = Microversion::v1(20);
/// `resource_class` of a node, and nodes listed by it.
pub const RESOURCE_CLASS: Microversion = Microversion::v1(21);
/// `portgroup_uuid` of a port.
pub const PORT_GROUPS: Microversion = Microversion::v1(24);
/// Soft power off, soft reboot, and a timeout for power actions.
pub const SOFT_POWER: Microversion = Microversion::v1(27);
/// Non-maskable interrupts.
pub const INJECT_NMI: Microversion = Microversion::v1(29);
/// A driver's enabled interfaces.
pub const DRIVER_INTERFACES: Microversion = Microversion::v1(30);
/// Hardware types, and the interfaces of a node.
pub const DYNAMIC_INTERFACES: Microversion = Microversion::v1(31);
/// Volume connectors and volume targets.
pub const VOLUMES: Microversion = Microversion::v1(32);
/// The storage interface of a node.
pub const STORAGE_INTERFACE: Microversion = Microversion::v1(33);
/// `physical_network` of a port.
pub const PORT_PHYSICAL_NETWORK: Microversion = Microversion::v1(34);
/// A config drive for the provision verb `rebuild`.
pub const REBUILD_CONFIG_DRIVE: Microversion = Microversion::v1(35);
/// A node's traits.
pub const TRAITS: Microversion = Microversion::v1(37);
/// The provision verbs `rescue` and `unrescue`, and the rescue interface of a node.
pub const RESCUE: Microversion = Microversion::v1(38);
/// A node's BIOS settings, and its BIOS interface.
pub const BIOS: Microversion = Microversion::v1(40);
/// `fault` of a node, and nodes listed by it.
pub const FAULT: Microversion = Microversion::v1(42);
/// `detail=` as a query parameter.
pub const DETAIL: Microversion = Microversion::v1(43);
/// The step that a node's deployment is at.
pub const DEPLOY_STEP: Microversion = Microversion::v1(44);
/// `conductor_group` of a node, and nodes listed by it.
pub const CONDUCTOR_GROUP: Microversion = Microversion::v1(46);
/// `automated_clean` of a node.
pub const AUTOMATED_CLEAN: Microversion = Microversion::v1(47);
/// `protected` of a node.
pub const PROTECTED: Microversion = Microversion::v1(48);
/// Conductors, and which of them a node has.
pub const CONDUCTORS: Microversion = Microversion::v1(49);
/// `owner` of a node, and nodes listed by it.
pub const OWNER: Microversion = Microversion::v1(50);
/// `description` of a node.
pub const DESCRIPTION: Microversion = Microversion::v1(51);
/// `allocation_uuid` of a node.
pub const ALLOCATIONS: Microversion = Microversion::v1(52);
/// `is_smartnic` of a port.
pub const PORT_SMART_NIC: Microversion = Microversion::v1(53);
/// Config drives that Ironic builds.
pub const BUILD_CONFIG_DRIVE: Microversion = Microversion::v1(56);
/// `vendor_data` in a config drive that Ironic builds.
pub const CONFIG_DRIVE_VENDOR_DATA: Microversion = Microversion::v1(59);
/// `retired` of a node.
pub const RETIRED: Microversion = Microversion::v1(61);
/// `lessee` of a node, and nodes listed by it.
pub const LESSEE: Microversion = Microversion::v1(65);
/// `network_data` of a node.
pub const NETWORK_DATA: Microversion = Microversion::v1(66);
/// Deploy steps that the caller gives.
pub const DEPLOY_STEPS: Microversion = Microversion::v1(69);
/// Cleaning without the ramdisk.
pub const CLEAN_DISABLE_RAMDISK: Microversion = Microversion::v1(70);
/// What is known of a BIOS setting besides its value.
pub const BIOS_REGISTRY: Microversion = Microversion::v1(74);
/// `boot_mode` and `secure_boot` of a node.
pub const BOOT_MODE: Microversion = Microversion::v1(75);
/// Changes of the boot mode and of secure boot.
pub const SET_BOOT_MODE: Microversion = Microversion::v1(76);
/// A node's history.
pub const HISTORY: Microversion = Microversion::v1(78);
/// A node's inventory.
pub const INVENTORY: Microversion = Microversion::v1(81);
/// `shard` of a node, and nodes and ports listed by it.
pub const SHARD: Microversion = Microversion::v1(82);
/// Nodes that are parts of others.
pub const CHILD_NODES: Microversion = Microversion::v1(83);
/// The provision verb `unhold`.
pub const UNHOLD: Microversion = Microversion::v1(85);
/// The firmware interface of a node, and its firmware components.
pub const FIRMWARE_INTERFACE: Microversion = Microversion::v1(86);
/// The provision verb `service`.
pub const SERVICE: Microversion = Microversion::v1(87);
/// `name` of a port.
pub const PORT_NAME: Microversion = Microversion::v1(88);
/// Attaching and detaching virtual media.
pub const VIRTUAL_MEDIA: Microversion = Microversion::v1(89);
/// Runbooks.
pub const RUNBOOKS: Microversion = Microversion::v1(92);
/// Reading which virtual media is attached.
pub const GET_VIRTUAL_MEDIA: Microversion = Microversion::v1(93);
/// `disable_power_off` of a node.
pub const DISABLE_POWER_OFF: Microversion = Microversion::v1(95);
/// `description` of a port.
pub const PORT_DESCRIPTION: Microversion = Microversion::v1(97);
/// Ports listed by their nodes' conductor groups.
pub const PORT_CONDUCTOR_GROUPS: Microversion = Microversion::v1(99);
/// `vendor` of a port.
pub const PORT_VENDOR: Microversion = Microversion::v1(100);
/// `category` of a port.
pub const PORT_CATEGORY: Microversion = Microversion::v1(101);
/// `instance_name` of a node, and nodes listed by it.
pub const INSTANCE_NAME: Microversion = Microversion::v1(104);
/// Servicing without the ramdisk.
pub const SERVICE_DISABLE_RAMDISK: Microversion = Microversion::v1(108);
/// `health` of a node.
pub const HEALTH: Microversion = Microversion::v1(109);
/// The provision verb `abort` for a deployment that waits for the machine.
pub const ABORT_DEPLOYMENT: Microversion = Microversion::v1(110);
/// `available_for_dynamic_portgroup` of a port.
pub const DYNAMIC_PORT_GROUPS: Microversion = Microversion::v1(111);
/// The project in a node's history.
pub const HISTORY_PROJECT: Microversion = Microversion::v1(113);
/// The vendor, model and serial number of a firmware component.
pub const FIRMWARE_IDENTITY: Microversion = Microversion::v1(114);
/// The states and the duration in a node's history.
pub const HISTORY_STATES: Microversion = Microversion::v1(115);
