//! What a server says about itself.

use std::collections::BTreeMap;

use ironic_types::{Conductor, Driver, Drivers, FLOOR, Page, RootDocument, V1Document};
use rstest::rstest;

use super::read;
use crate::recorded;

#[test]
fn the_version_documents_agree() {
    let root: RootDocument = read(recorded!("root"));
    assert_eq!(root.versions[0], root.default_version);
    let v1: V1Document = read(recorded!("v1"));
    assert_eq!(v1.versions(), root.versions());
    assert!(v1.versions().contains(FLOOR));
    assert_eq!(read::<V1Document>(recorded!("v1_newest")), v1);
}

#[test]
fn drivers_are_read_with_their_interfaces() {
    let drivers: Drivers = read(recorded!("drivers_detail"));
    let redfish = &drivers.items[1];
    assert_eq!(redfish.driver_type.as_deref(), Some("dynamic"));
    assert_eq!(redfish.default_deploy_interface.as_deref(), Some("direct"));
    let newest: Driver = read(recorded!("driver_newest"));
    assert_eq!(newest.name, "redfish");
    assert_eq!(newest.default_vendor_interface.as_deref(), Some("redfish"));
    assert!(newest.enabled_firmware_interfaces.is_some());
}

#[rstest]
#[case(recorded!("driver_properties"), "redfish_address")]
#[case(recorded!("logical_disk_properties"), "raid_level")]
fn properties_are_read(#[case] json: &str, #[case] key: &str) {
    let properties: BTreeMap<String, String> = read(json);
    assert!(!properties[key].is_empty());
}

#[test]
fn conductors_are_read_in_short_and_in_full() {
    let short: Page<Conductor> = read(recorded!("conductors"));
    assert_eq!(short.items[0].hostname, "rec-conductor");
    assert_eq!(short.items[0].drivers, None);
    let full: Page<Conductor> = read(recorded!("conductors_detail"));
    let one: Conductor = read(recorded!("conductor"));
    assert_eq!(full.items, std::slice::from_ref(&one));
    assert_eq!(one.drivers.unwrap(), ["fake-hardware", "redfish"]);
}
