//! The rules for the address of a BMC.

use metal_api::v1alpha1::BareMetalHost;
use metal_api::values::BmcAddress;
use rstest::rstest;

use crate::fixtures::{accepted, host, judge, refused, schema, update_accepted, with_spec};

fn at(address: &str) -> BareMetalHost {
    with_spec(host(), |spec| {
        spec.bmc.as_mut().unwrap().address = address.into();
    })
}

fn without_mac(address: &str) -> BareMetalHost {
    with_spec(at(address), |spec| spec.boot_mac_address = None)
}

#[rstest]
fn every_scheme_is_accepted(
    #[values(
        "ipmi",
        "libvirt",
        "redfish",
        "redfish+http",
        "redfish+https",
        "ilo5-redfish",
        "ilo5-redfish+http",
        "ilo5-redfish+https",
        "idrac-redfish",
        "idrac-redfish+http",
        "idrac-redfish+https",
        "redfish-virtualmedia",
        "redfish-virtualmedia+http",
        "redfish-virtualmedia+https",
        "ilo5-virtualmedia",
        "ilo5-virtualmedia+http",
        "ilo5-virtualmedia+https",
        "idrac-virtualmedia",
        "idrac-virtualmedia+http",
        "idrac-virtualmedia+https",
        "redfish-uefihttp",
        "redfish-uefihttp+http",
        "redfish-uefihttp+https"
    )]
    scheme: &str,
) {
    for rest in [
        "://192.0.2.1",
        ":192.0.2.1",
        "://bmc.example:8443/redfish/v1/Systems/1",
        "://[2001:db8::1]:8443/a@b",
    ] {
        accepted(&at(&format!("{scheme}{rest}")));
        accepted(&at(&format!("{}{rest}", scheme.to_uppercase())));
    }
}

#[rstest]
#[case("foo://192.0.2.1")]
#[case("foo:192.0.2.1")]
#[case("https://192.0.2.1/redfish/v1")]
#[case("ilo4://192.0.2.1")]
#[case("ilo4-virtualmedia://192.0.2.1")]
#[case("irmc://192.0.2.1")]
#[case("ilo5://192.0.2.1")]
#[case("idrac://192.0.2.1")]
#[case("idrac-uefihttp://192.0.2.1")]
#[case("ipmi+https://192.0.2.1")]
#[case("libvirt+http://192.0.2.1")]
#[case("redfish+ftp://192.0.2.1")]
#[case("redfish+httpss://192.0.2.1")]
#[case("redfish+://192.0.2.1")]
#[case("xredfish://192.0.2.1")]
#[case("redfish-uefi+http://192.0.2.1")]
fn an_unknown_scheme_is_refused(#[case] address: &str) {
    refused(&at(address), "spec.bmc.address");
}

#[rstest]
#[case("redfish://")]
#[case("redfish:")]
#[case("redfish:///redfish/v1")]
#[case("redfish://:443/")]
#[case(":623")]
#[case("/redfish/v1")]
#[case("redfish://root:calvin@192.0.2.1/")]
#[case("redfish://root@192.0.2.1/")]
#[case("redfish://b mc/")]
#[case("redfish://b_mc/")]
#[case("redfish://bücher.example/")]
#[case("ipmi://[fe80::1%25eth0]")]
#[case("redfish://192.0.2.1\n")]
fn an_address_without_a_host_that_can_be_one_is_refused(#[case] address: &str) {
    refused(&at(address), "spec.bmc.address");
}

/// The planner takes more for an error than an expression can say cheaply, and never less.
#[rstest]
#[case("")]
#[case("192.0.2.1")]
#[case("192.0.2.1:6233")]
#[case("192.0.2.1:6233/a:b")]
#[case("192.0.2.1/a:b")]
#[case("192.0.2.1?privilegelevel=USER")]
#[case("192.0.2.1:6233?privilegelevel=USER")]
#[case("my.favoritebmc.com")]
#[case("my.favoritebmc.com:623")]
#[case("my-.examplehost.com")]
#[case("3com.example")]
#[case("[fe80::fc33:62ff:fe83:8a76]")]
#[case("[fe80::fc33:62ff:fe83:8a76]:6233")]
#[case("[fe80::fc33:62ff:fe33:8xff]:6223")]
#[case("ipmi://bmc:")]
#[case("ipmi://bmc:0")]
#[case("ipmi://bmc:623#a")]
#[case("ipmi:bmc:623")]
#[case("ipmi://bmc:1:2")]
#[case("fe80::1")]
#[case("ipmi://fe80::1")]
#[case("ipmi://[fe80::1")]
#[case("redfish://bmc./")]
#[case("redfish://bmc:https/")]
#[case("[fe80::1]:/")]
#[case("REDFISH+HTTP://[2001:DB8::1]:8000/x y@z")]
#[case("redfish://bmc/a@b")]
#[case("redfish://bmc/a%20b")]
#[case("redfish://bmc/%zz")]
#[case("redfish://bmc//x")]
#[case("redfish:////bmc")]
#[case("//bmc")]
#[case("root:calvin@bmc")]
#[case("redfish://root:cal/vin@bmc/")]
#[case("redfi\u{17f}h://bmc")]
fn what_the_planner_can_read_is_accepted(#[case] address: &str) {
    let refusal = judge(&at(address), None).err();
    let read = address.parse::<BmcAddress>();
    assert!(
        read.is_err() || refusal.is_none(),
        "{address:?}: {refusal:#?}"
    );
}

#[test]
fn a_host_whose_address_is_empty_counts_as_one_without_a_bmc() {
    accepted(&at(""));
}

#[test]
fn a_virtual_bmc_needs_the_mac_address_and_no_other_does() {
    refused(
        &without_mac("libvirt://192.0.2.1:6230"),
        "spec.bootMACAddress",
    );
    refused(&without_mac("LIBVIRT:192.0.2.1"), "spec.bootMACAddress");
    for address in [
        "ipmi://192.0.2.1",
        "libvirt.example",
        "redfish://192.0.2.1",
        "redfish-virtualmedia://192.0.2.1",
    ] {
        accepted(&without_mac(address));
    }
    accepted(&with_spec(without_mac("redfish://192.0.2.1"), |spec| {
        spec.bmc = None;
    }));
}

/// The API server skips the rules of what is unchanged, and they need nothing but the BMC.
#[test]
fn a_stored_address_keeps_nobody_from_changing_the_rest() {
    let rules = &schema::<BareMetalHost>()["properties"]["spec"]["properties"]["bmc"]["x-kubernetes-validations"];
    let rules = rules.as_array().unwrap();
    assert_eq!(rules.len(), 2);
    for rule in rules {
        assert!(rule["rule"].as_str().unwrap().starts_with("self.address"));
    }
    update_accepted(&at("ipmi://192.0.2.1"), &at("redfish://192.0.2.1"));
}
