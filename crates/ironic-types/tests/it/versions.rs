//! Microversions and their negotiation.

use ironic_types::{FLOOR, Microversion, RootDocument, VersionError, VersionRange, negotiate};
use rstest::rstest;

use crate::recorded;

fn version(text: &str) -> Microversion {
    text.parse().unwrap()
}

fn range(min: &str, max: &str) -> VersionRange {
    VersionRange {
        min: version(min),
        max: version(max),
    }
}

#[rstest]
#[case::floor_for_old_features("1.1", "1.115", "1.32", "1.89")]
#[case::needed_for_new_ones("1.1", "1.115", "1.95", "1.95")]
#[case::no_newer_than_needed("1.1", "1.200", "1.89", "1.89")]
#[case::exactly_the_floor("1.1", "1.89", "1.1", "1.89")]
#[case::exactly_the_minimum("1.89", "1.115", "1.1", "1.89")]
fn the_higher_of_floor_and_need_is_sent(
    #[case] min: &str,
    #[case] max: &str,
    #[case] needed: &str,
    #[case] sent: &str,
) {
    let chosen = negotiate(range(min, max), "create node", version(needed));
    assert_eq!(chosen, Ok(version(sent)));
}

#[rstest]
#[case::for_the_floor(
    "1.1",
    "1.72",
    "1.32",
    "`create node` needs version 1.89 of Ironic's API; this Ironic offers 1.1 to 1.72"
)]
#[case::for_a_feature(
    "1.1",
    "1.94",
    "1.95",
    "`create node` needs `disable_power_off` of a node, version 1.95 of Ironic's API; \
     this Ironic offers 1.1 to 1.94"
)]
#[case::for_the_feature_of_the_floor(
    "1.1",
    "1.72",
    "1.89",
    "`create node` needs attaching and detaching virtual media, version 1.89 of Ironic's API; \
     this Ironic offers 1.1 to 1.72"
)]
#[case::for_what_has_no_name(
    "1.1",
    "1.94",
    "1.98",
    "`create node` needs version 1.98 of Ironic's API; this Ironic offers 1.1 to 1.94"
)]
#[case::too_new(
    "1.90",
    "1.115",
    "1.32",
    "`create node` speaks version 1.89 of Ironic's API; this Ironic offers only 1.90 to 1.115"
)]
fn a_server_out_of_range_is_named_with_what_is_needed(
    #[case] min: &str,
    #[case] max: &str,
    #[case] needed: &str,
    #[case] message: &str,
) {
    let refused: VersionError =
        negotiate(range(min, max), "create node", version(needed)).unwrap_err();
    assert_eq!(refused.to_string(), message);
}

#[test]
fn versions_are_ordered_by_number_and_not_as_text() {
    assert!(version("1.115") > version("1.89"));
    assert!(version("2.0") > version("1.115"));
    assert_eq!(FLOOR.to_string(), "1.89");
}

#[rstest]
fn what_is_no_version_is_refused(
    #[values(
        "", "1", "1.", ".1", "1.89.1", "1.+9", "-1.9", "1.x", "1.65536", " 1.89", "latest"
    )]
    text: &str,
) {
    assert!(text.parse::<Microversion>().is_err());
    assert!(serde_json::from_value::<Microversion>(text.into()).is_err());
}

#[test]
fn the_root_document_says_what_a_server_speaks() {
    let root: RootDocument = serde_json::from_str(recorded!("root")).unwrap();
    assert_eq!(root.versions(), range("1.1", "1.115"));
    assert!(root.versions().contains(FLOOR));
    assert_eq!(root.name, "OpenStack Ironic API");
}
