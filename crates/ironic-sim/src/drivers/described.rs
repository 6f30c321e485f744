//! What hardware types say about themselves.

use serde_json::{Map, Value, json};

use super::{FAKE, REDFISH};

/// The keys that `driver_info` may have: `GET /v1/drivers/{name}/properties`.
///
/// The keys are Ironic's, the descriptions are not.
pub(crate) fn properties(driver: &str) -> Map<String, Value> {
    let own: &[(&str, &str)] = match driver {
        FAKE => &[
            ("B1", "The first made-up property. Required."),
            ("B2", "The second made-up property. Required."),
        ],
        _ => &[
            ("redfish_address", "Where the BMC is: a URL. Required."),
            (
                "redfish_system_id",
                "The path of the machine on the BMC. Optional.",
            ),
            ("redfish_username", "The account. Optional."),
            ("redfish_password", "The account's password. Optional."),
            (
                "redfish_verify_ca",
                "Whether, or by what, its certificate is verified. Optional.",
            ),
            (
                "redfish_auth_type",
                "How the account is used: basic, session or auto. Optional.",
            ),
            (
                "firmware_update_unresponsive_bmc_wait",
                "How long a BMC may be silent during an update. Optional.",
            ),
            ("redfish_tls_minimum_version", "The oldest TLS. Optional."),
            ("redfish_tls_ciphers", "The ciphers. Optional."),
            (
                "force_persistent_boot_device",
                "Whether boot devices are set for good. Optional.",
            ),
            ("rescue_kernel", "The rescue kernel. Optional."),
            ("rescue_ramdisk", "The rescue ramdisk. Optional."),
            ("kernel_append_params", "Kernel parameters. Optional."),
        ],
    };
    let deploy = [
        ("deploy_kernel", "The deploy kernel. Required."),
        ("deploy_ramdisk", "The deploy ramdisk. Required."),
        ("image_http_proxy", "A proxy for images. Optional."),
        ("image_https_proxy", "A proxy for images. Optional."),
        ("image_no_proxy", "What needs no proxy. Optional."),
        (
            "image_download_source",
            "Who serves images: http, local or swift. Optional.",
        ),
        (
            "deploy_forces_oob_reboot",
            "Whether the BMC ends a deployment. Optional.",
        ),
        (
            "agent_verify_ca",
            "Whether, or by what, the agent's certificate is verified. Optional.",
        ),
    ];
    own.iter()
        .chain(&deploy)
        .map(|&(key, text)| (key.to_owned(), Value::from(text)))
        .collect()
}

/// The keys of a logical disk: `GET /v1/drivers/{name}/raid/logical_disk_properties`.
pub(crate) fn raid_properties() -> Map<String, Value> {
    [
        ("raid_level", "Its level. Required."),
        ("size_gb", "Its size in GiB, or MAX. Required."),
        ("volume_name", "Its name. Optional."),
        ("is_root_volume", "Whether it is the root disk. Optional."),
        (
            "share_physical_disks",
            "Whether it shares disks with others. Optional.",
        ),
        ("disk_type", "Of which disks: hdd or ssd. Optional."),
        (
            "interface_type",
            "Of which disks: sata, scsi or sas. Optional.",
        ),
        ("number_of_physical_disks", "Of how many disks. Optional."),
        ("controller", "On which controller. Optional."),
        ("physical_disks", "Of which disks, by name. Optional."),
    ]
    .into_iter()
    .map(|(key, text)| (key.to_owned(), Value::from(text)))
    .collect()
}

/// The vendor methods of nodes with this vendor interface.
pub(crate) fn vendor_methods(vendor_interface: &str) -> Map<String, Value> {
    let methods: &[(&str, &str, bool)] = match vendor_interface {
        REDFISH => &[
            ("create_subscription", "POST", false),
            ("delete_subscription", "DELETE", false),
            ("get_all_subscriptions", "GET", false),
            ("get_subscription", "GET", false),
            ("eject_vmedia", "POST", true),
        ],
        "fake" => &[
            ("second_method", "POST", true),
            ("third_method_sync", "POST", false),
            ("fourth_method_shared_lock", "POST", true),
            ("log_passthrough", "POST", true),
        ],
        _ => &[],
    };
    methods
        .iter()
        .map(|&(name, method, is_async)| {
            let described = json!({
                "http_methods": [method],
                "async": is_async,
                "description": format!("{name} of the {vendor_interface} interface"),
                "attach": false,
                "require_exclusive_lock": name != "fourth_method_shared_lock",
            });
            (name.to_owned(), described)
        })
        .collect()
}
