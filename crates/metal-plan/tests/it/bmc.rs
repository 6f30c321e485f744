//! BMCs: what Ironic is told of each kind, as Metal3 tells it.

use ironic_types::Node;
use metal_api::v1alpha1::BmcDetails;
use metal_plan::Bmc;
use rstest::rstest;
use serde_json::{Value, json};

use crate::fixtures::from;

fn details(address: &str, disable_certificate_verification: Option<bool>) -> BmcDetails {
    BmcDetails {
        address: address.into(),
        credentials_name: "bmc".into(),
        disable_certificate_verification,
    }
}

#[track_caller]
fn bmc(address: &str) -> Bmc {
    Bmc::parse(&details(address, None)).unwrap()
}

/// The table of `pkg/hardwareutils/bmc`: driver, boot, management and power, raid, bios, vendor, firmware, the interface
/// for fast inspection; then whether a MAC address is required, virtual media are taken, an ISO image is booted, a
/// provisioning network is needed, secure boot is supported. A `-` is left to Ironic.
#[rstest]
#[case::ipmi(&["ipmi"], "ipmi ipxe - no-raid - - - -", "no no no yes no")]
#[case::libvirt(&["libvirt"], "ipmi ipxe - no-raid - - - -", "yes no no yes no")]
#[case::redfish(
    &["redfish", "redfish+http", "redfish+https", "ilo5-redfish", "ilo5-redfish+http", "ilo5-redfish+https"],
    "redfish ipxe - redfish - - redfish redfish",
    "no no no yes yes"
)]
#[case::idrac(
    &["idrac-redfish", "idrac-redfish+http", "idrac-redfish+https"],
    "idrac ipxe idrac-redfish idrac-redfish idrac-redfish idrac-redfish redfish idrac-redfish",
    "no no no yes yes"
)]
#[case::virtual_media(
    &[
        "redfish-virtualmedia", "redfish-virtualmedia+http", "redfish-virtualmedia+https",
        "ilo5-virtualmedia", "ilo5-virtualmedia+http", "ilo5-virtualmedia+https",
    ],
    "redfish redfish-virtual-media - redfish - - redfish redfish",
    "no yes yes no yes"
)]
#[case::idrac_virtual_media(
    &["idrac-virtualmedia", "idrac-virtualmedia+http", "idrac-virtualmedia+https"],
    "idrac idrac-redfish-virtual-media idrac-redfish idrac-redfish idrac-redfish idrac-redfish redfish idrac-redfish",
    "no yes yes no yes"
)]
#[case::uefi_http(
    &["redfish-uefihttp", "redfish-uefihttp+http", "redfish-uefihttp+https"],
    "redfish redfish-https - redfish - - redfish redfish",
    "no no yes no yes"
)]
fn a_kind_of_bmc_has_its_driver_and_interfaces(
    #[case] schemes: &[&str],
    #[case] interfaces: &str,
    #[case] answers: &str,
) {
    for scheme in schemes {
        let bmc = bmc(&format!("{scheme}://192.168.122.1/redfish/v1/Systems/1"));
        let of = bmc.interfaces();
        assert_eq!(of.management, of.power);
        let shown: Vec<_> = [
            Some(bmc.driver()),
            of.boot,
            of.power,
            of.raid,
            of.bios,
            of.vendor,
            of.firmware,
            bmc.fast_inspect_interface(),
        ]
        .map(|name| name.unwrap_or("-"))
        .into();
        assert_eq!(shown.join(" "), interfaces, "{scheme}");
        let shown: Vec<_> = [
            bmc.needs_mac(),
            bmc.takes_virtual_media(),
            bmc.boots_iso(),
            bmc.needs_provisioning_network(),
            bmc.supports_secure_boot(),
        ]
        .map(|answer| if answer { "yes" } else { "no" })
        .into();
        assert_eq!(shown.join(" "), answers, "{scheme}");
    }
}

/// Metal3's table (`access_test.go`, `TestDriverInfo`) without the certificate's verification, and with.
#[rstest]
#[case("192.168.122.1", json!({"ipmi_address": "192.168.122.1", "ipmi_port": "623", "ipmi_priv_level": "ADMINISTRATOR"}))]
#[case("ipmi://192.168.122.1", json!({"ipmi_address": "192.168.122.1", "ipmi_port": "623", "ipmi_priv_level": "ADMINISTRATOR"}))]
#[case("ipmi:192.168.122.1:6233", json!({"ipmi_address": "192.168.122.1", "ipmi_port": "6233", "ipmi_priv_level": "ADMINISTRATOR"}))]
#[case("ipmi://192.168.122.1?privilegelevel=OPERATOR", json!({"ipmi_address": "192.168.122.1", "ipmi_port": "623", "ipmi_priv_level": "OPERATOR"}))]
#[case("[fe80::fc33:62ff:fe83:8a76]:6233", json!({"ipmi_address": "fe80::fc33:62ff:fe83:8a76", "ipmi_port": "6233", "ipmi_priv_level": "ADMINISTRATOR"}))]
#[case("libvirt://192.168.122.1:6233/?abc=def", json!({"ipmi_address": "192.168.122.1", "ipmi_port": "6233", "ipmi_priv_level": "ADMINISTRATOR"}))]
#[case("redfish://192.168.122.1/redfish/v1/foo/bar", json!({"redfish_address": "https://192.168.122.1", "redfish_system_id": "/redfish/v1/foo/bar"}))]
#[case("redfish+http://192.168.122.1/foo/bar", json!({"redfish_address": "http://192.168.122.1", "redfish_system_id": "/foo/bar"}))]
#[case("redfish+https://192.168.122.1/foo/bar", json!({"redfish_address": "https://192.168.122.1", "redfish_system_id": "/foo/bar"}))]
#[case("redfish://192.168.122.1:8080/foo/bar", json!({"redfish_address": "https://192.168.122.1:8080", "redfish_system_id": "/foo/bar"}))]
#[case("redfish://[fe80::fc33:62ff:fe83:8a76]/foo/bar", json!({"redfish_address": "https://[fe80::fc33:62ff:fe83:8a76]", "redfish_system_id": "/foo/bar"}))]
#[case("redfish://[fe80::fc33:62ff:fe83:8a76]:8080/foo", json!({"redfish_address": "https://[fe80::fc33:62ff:fe83:8a76]:8080", "redfish_system_id": "/foo"}))]
#[case("redfish://192.168.122.1", json!({"redfish_address": "https://192.168.122.1"}))]
#[case("redfish+https://192.168.122.1/", json!({"redfish_address": "https://192.168.122.1"}))]
#[case("redfish+https://192.168.122.1/redfish/v1/", json!({"redfish_address": "https://192.168.122.1"}))]
#[case("redfish+https://192.168.122.1/redfish/v1", json!({"redfish_address": "https://192.168.122.1"}))]
#[case("ilo5-redfish+http://ilo.example.com:8080/foo", json!({"redfish_address": "http://ilo.example.com:8080", "redfish_system_id": "/foo"}))]
#[case("redfish-virtualmedia://192.168.122.1/redfish/v1/foo/bar", json!({"redfish_address": "https://192.168.122.1", "redfish_system_id": "/redfish/v1/foo/bar"}))]
#[case("redfish-virtualmedia://192.168.122.1/redfish/v1/", json!({"redfish_address": "https://192.168.122.1"}))]
#[case("ilo5-virtualmedia://192.168.122.1/foo/bar", json!({"redfish_address": "https://192.168.122.1", "redfish_system_id": "/foo/bar"}))]
#[case("idrac-redfish://192.168.122.1/foo/bar", json!({"redfish_address": "https://192.168.122.1", "redfish_system_id": "/foo/bar"}))]
#[case("idrac-virtualmedia://192.168.122.1/redfish/v1/foo/bar", json!({"redfish_address": "https://192.168.122.1", "redfish_system_id": "/redfish/v1/foo/bar"}))]
#[case("idrac-virtualmedia+http://192.168.122.1/redfish/v1/", json!({"redfish_address": "http://192.168.122.1"}))]
#[case("redfish-uefihttp+http://192.168.122.1:8000/boot", json!({"redfish_address": "http://192.168.122.1:8000", "redfish_system_id": "/boot"}))]
// Metal3 writes a path that leads nowhere here.
#[case("redfish-uefihttp://192.168.122.1", json!({"redfish_address": "https://192.168.122.1"}))]
#[case("redfish-uefihttp://192.168.122.1/redfish/v1", json!({"redfish_address": "https://192.168.122.1"}))]
// As written: letters, a final slash, and the escapes resolved, which Ironic makes again.
#[case("REDFISH+HTTP://BMC/redfish/v1/Systems/A%20b/", json!({"redfish_address": "http://BMC", "redfish_system_id": "/redfish/v1/Systems/A b/"}))]
fn ironic_is_told_the_way_to_a_bmc_as_metal3_tells_it(
    #[case] address: &str,
    #[case] expected: Value,
) {
    for verifies in [None, Some(false)] {
        let bmc = Bmc::parse(&details(address, verifies)).unwrap();
        assert_eq!(Value::from(bmc.driver_info()), expected);
    }
    let bmc = Bmc::parse(&details(address, Some(true))).unwrap();
    let protocol = if bmc.driver() == "ipmi" {
        "ipmi"
    } else {
        "redfish"
    };
    let mut expected = expected;
    expected[format!("{protocol}_verify_ca")] = false.into();
    assert_eq!(Value::from(bmc.driver_info()), expected);
    assert_eq!(bmc.username_key(), format!("{protocol}_username"));
    assert_eq!(bmc.password_key(), format!("{protocol}_password"));
}

#[rstest]
#[case(
    "foo://192.168.122.1",
    "the scheme foo is not known; use one of ipmi, libvirt, redfish"
)]
#[case("", "it is empty")]
#[case("redfish:///redfish/v1", "it has no host")]
#[case("redfish://root:calvin@bmc/redfish/v1", "it holds a user")]
#[case("redfish://bmc/%zz", "escape")]
#[case("ipmi://bmc?privilegelevel=%zz", "privilegelevel")]
#[case("fe80::1", "[2001:db8::1]:623")]
fn an_address_that_cannot_be_used_is_refused_by_field(
    #[case] address: &str,
    #[case] problem: &str,
) {
    let error = Bmc::parse(&details(address, None)).unwrap_err().to_string();
    assert!(error.starts_with("spec.bmc.address: "), "{error}");
    assert!(error.contains(problem), "{error}");
    assert!(error.contains("; "), "says what to do: {error}");
    assert!(!error.contains("calvin"), "{error}");
}

fn reached(driver_info: Value) -> Node {
    Node {
        driver_info: from(driver_info),
        ..Node::default()
    }
}

#[rstest]
#[case::same("redfish://bmc/Systems/1", json!({"redfish_address": "https://bmc", "redfish_system_id": "/Systems/1"}), true)]
#[case::default_is_written("redfish://bmc", json!({"redfish_address": "https://bmc", "redfish_verify_ca": true}), true)]
#[case::default_as_text("redfish://bmc", json!({"redfish_address": "https://bmc", "redfish_verify_ca": "true"}), true)]
#[case::no_system_is_null("redfish://bmc", json!({"redfish_address": "https://bmc", "redfish_system_id": null}), true)]
#[case::more_keys("redfish://bmc", json!({"redfish_address": "https://bmc", "redfish_auth_type": "basic", "deploy_iso": "x"}), true)]
#[case::other_host("redfish://bmc", json!({"redfish_address": "https://bmc2"}), false)]
#[case::other_port("redfish://bmc", json!({"redfish_address": "https://bmc:8443"}), false)]
#[case::other_transport("redfish+http://bmc", json!({"redfish_address": "https://bmc"}), false)]
#[case::other_system("redfish://bmc/Systems/1", json!({"redfish_address": "https://bmc", "redfish_system_id": "/Systems/2"}), false)]
#[case::no_system("redfish://bmc/Systems/1", json!({"redfish_address": "https://bmc"}), false)]
#[case::system_too_many("redfish://bmc", json!({"redfish_address": "https://bmc", "redfish_system_id": "/Systems/1"}), false)]
#[case::not_verified("redfish://bmc", json!({"redfish_address": "https://bmc", "redfish_verify_ca": false}), false)]
#[case::other_protocol("redfish://bmc", json!({"ipmi_address": "bmc"}), false)]
#[case::nothing("redfish://bmc", json!({}), false)]
#[case::ipmi("bmc", json!({"ipmi_address": "bmc", "ipmi_port": "623", "ipmi_priv_level": "ADMINISTRATOR"}), true)]
#[case::ipmi_defaults("ipmi://bmc", json!({"ipmi_address": "bmc"}), true)]
#[case::ipmi_port_as_number("ipmi://bmc:6230", json!({"ipmi_address": "bmc", "ipmi_port": 6230}), true)]
#[case::other_ipmi_port("ipmi://bmc:6230", json!({"ipmi_address": "bmc", "ipmi_port": "6231"}), false)]
#[case::other_level("ipmi://bmc?privilegelevel=USER", json!({"ipmi_address": "bmc"}), false)]
#[case::other_ipmi_host("ipmi://bmc", json!({"ipmi_address": "bmc2"}), false)]
#[case::ipmi_of_redfish("ipmi://bmc", json!({"redfish_address": "https://bmc"}), false)]
fn a_node_is_compared_by_what_its_driver_info_means(
    #[case] address: &str,
    #[case] driver_info: Value,
    #[case] same: bool,
) {
    assert_eq!(bmc(address).is_reached_by(&reached(driver_info)), same);
}

#[test]
fn verification_is_compared_too() {
    let unverified = Bmc::parse(&details("redfish://bmc", Some(true))).unwrap();
    assert!(!unverified.is_reached_by(&reached(json!({"redfish_address": "https://bmc"}))));
    let info = json!({"redfish_address": "https://bmc", "redfish_verify_ca": false});
    assert!(unverified.is_reached_by(&reached(info)));
}

#[rstest]
#[case("192.0.2.1", "ipmi 192.0.2.1:623")]
#[case("ipmi://BMC.example:623/a?privilegelevel=USER", "ipmi bmc.example:623")]
#[case("libvirt://192.0.2.1:6230", "ipmi 192.0.2.1:6230")]
#[case("redfish://Bmc", "redfish bmc:443")]
#[case("redfish+http://bmc/redfish/v1/", "redfish bmc:80")]
#[case(
    "idrac-virtualmedia://bmc:443/Systems/a%62/",
    "redfish bmc:443 /Systems/ab"
)]
#[case(
    "redfish-uefihttp+https://[2001:DB8:0::1]/x",
    "redfish [2001:db8::1]:443 /x"
)]
fn a_bmc_is_known_however_its_address_is_written(#[case] address: &str, #[case] identity: &str) {
    assert_eq!(bmc(address).identity().to_string(), identity);
}

#[rstest]
#[case(
    "redfish://bmc/Systems/1",
    "idrac-virtualmedia+https://BMC:443/Systems/1/",
    true
)]
#[case("redfish://bmc/Systems/1", "redfish://bmc/Systems/2", false)]
#[case("redfish://bmc/Systems/1", "redfish://bmc", true)]
#[case("redfish://bmc", "redfish+http://bmc", false)]
#[case("redfish://bmc", "ipmi://bmc", false)]
#[case("libvirt://bmc:6230", "libvirt://bmc:6231", false)]
#[case("bmc", "ipmi:bmc:623", true)]
fn two_hosts_with_one_machine_are_found(
    #[case] one: &str,
    #[case] other: &str,
    #[case] same: bool,
) {
    let (one, other) = (bmc(one).identity(), bmc(other).identity());
    assert_eq!(one.is_same_machine(&other), same);
    assert_eq!(other.is_same_machine(&one), same);
}
