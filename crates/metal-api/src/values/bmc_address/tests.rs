use rstest::rstest;

use super::*;

#[track_caller]
fn parsed(address: &str) -> BmcAddress {
    address.parse().unwrap_or_else(|error| panic!("{error}"))
}

/// Metal3's table (`access_test.go`, `TestParse`), with what a URL parser would call host and port.
#[rstest]
#[case::libvirt(
    "libvirt://192.168.122.1:6233/?abc=def",
    BmcScheme::Libvirt,
    "192.168.122.1",
    Some(6233),
    "/"
)]
#[case::host("192.168.122.1", BmcScheme::Ipmi, "192.168.122.1", None, "")]
#[case::name("my.favoritebmc.com", BmcScheme::Ipmi, "my.favoritebmc.com", None, "")]
#[case::name_that_begins_with_a_digit("3com.example", BmcScheme::Ipmi, "3com.example", None, "")]
#[case::host_and_port("192.168.122.1:6233", BmcScheme::Ipmi, "192.168.122.1", Some(6233), "")]
#[case::ipv6_and_port(
    "[fe80::fc33:62ff:fe83:8a76]:6233",
    BmcScheme::Ipmi,
    "fe80::fc33:62ff:fe83:8a76",
    Some(6233),
    ""
)]
#[case::ipmi(
    "ipmi://192.168.122.1:6233",
    BmcScheme::Ipmi,
    "192.168.122.1",
    Some(6233),
    ""
)]
#[case::opaque("ipmi:192.168.122.1", BmcScheme::Ipmi, "192.168.122.1", None, "")]
#[case::opaque_with_port(
    "ipmi:192.168.122.1:6233",
    BmcScheme::Ipmi,
    "192.168.122.1",
    Some(6233),
    ""
)]
#[case::redfish(
    "redfish://192.168.122.1",
    BmcScheme::Redfish,
    "192.168.122.1",
    None,
    ""
)]
#[case::redfish_path(
    "redfish://192.168.122.1:6233/foo",
    BmcScheme::Redfish,
    "192.168.122.1",
    Some(6233),
    "/foo"
)]
#[case::redfish_ipv6(
    "redfish://[fe80::fc33:62ff:fe83:8a76]",
    BmcScheme::Redfish,
    "fe80::fc33:62ff:fe83:8a76",
    None,
    ""
)]
#[case::redfish_ipv6_path(
    "redfish://[fe80::fc33:62ff:fe83:8a76]:6233/foo",
    BmcScheme::Redfish,
    "fe80::fc33:62ff:fe83:8a76",
    Some(6233),
    "/foo"
)]
#[case::opaque_redfish("redfish:192.168.122.1", BmcScheme::Redfish, "192.168.122.1", None, "")]
// What its parser takes and its table doesn't show.
#[case::path_without_scheme("192.168.122.1/a:b", BmcScheme::Ipmi, "192.168.122.1", None, "/a:b")]
#[case::escapes(
    "redfish://bmc/Systems/a%20b",
    BmcScheme::Redfish,
    "bmc",
    None,
    "/Systems/a b"
)]
#[case::at_in_the_path(
    "redfish://bmc/Systems/a@b",
    BmcScheme::Redfish,
    "bmc",
    None,
    "/Systems/a@b"
)]
#[case::fragment("redfish://bmc/a#b?c", BmcScheme::Redfish, "bmc", None, "/a")]
#[case::redfish_query(
    "redfish://bmc/a?privilegelevel=%zz",
    BmcScheme::Redfish,
    "bmc",
    None,
    "/a"
)]
#[case::no_port_after_the_colon("ipmi://bmc:/", BmcScheme::Ipmi, "bmc", None, "/")]
#[case::port_with_zeros("ipmi://bmc:0623", BmcScheme::Ipmi, "bmc", Some(623), "")]
// What its parser refuses though it can mean one thing only.
#[case::ipv6_alone(
    "[fe80::fc33:62ff:fe83:8a76]",
    BmcScheme::Ipmi,
    "fe80::fc33:62ff:fe83:8a76",
    None,
    ""
)]
#[case::name_and_port(
    "my.favoritebmc.com:623",
    BmcScheme::Ipmi,
    "my.favoritebmc.com",
    Some(623),
    ""
)]
#[case::port_and_query(
    "192.168.122.1:6233?privilegelevel=USER",
    BmcScheme::Ipmi,
    "192.168.122.1",
    Some(6233),
    ""
)]
fn an_address_is_read_as_metal3_reads_it(
    #[case] address: &str,
    #[case] scheme: BmcScheme,
    #[case] host: &str,
    #[case] port: Option<u16>,
    #[case] path: &str,
) {
    let read = parsed(address);
    assert_eq!(read.scheme, scheme);
    assert_eq!(read.host, host);
    assert_eq!(read.port, port);
    assert_eq!(read.path, path);
}

#[test]
fn each_scheme_is_known_by_its_name_in_any_case_and_has_the_transports_it_can_have() {
    for scheme in BmcScheme::ALL {
        for name in [scheme.as_str().to_owned(), scheme.as_str().to_uppercase()] {
            for (suffix, transport) in [
                ("", Transport::Https),
                ("+https", Transport::Https),
                ("+http", Transport::Http),
                ("+HTTP", Transport::Http),
            ] {
                let result = format!("{name}{suffix}://bmc").parse::<BmcAddress>();
                if scheme.is_ipmi() && !suffix.is_empty() {
                    assert!(matches!(result, Err(BmcAddressError::UnknownScheme { .. })));
                } else {
                    let read = result.unwrap();
                    assert_eq!((read.scheme, read.transport), (scheme, transport));
                }
            }
        }
    }
}

#[rstest]
#[case("ipmi://bmc", PrivilegeLevel::Administrator)]
#[case("ipmi://bmc?", PrivilegeLevel::Administrator)]
#[case("ipmi://bmc?other=%zz", PrivilegeLevel::Administrator)]
#[case(
    "ipmi://bmc?privilegelevel=ADMINISTRATOR",
    PrivilegeLevel::Administrator
)]
#[case("ipmi://bmc?privilegelevel=OPERATOR", PrivilegeLevel::Operator)]
#[case("ipmi://bmc/?a=b&privilegelevel=USER", PrivilegeLevel::User)]
#[case("libvirt://bmc?privilegelevel=CALLBACK#x", PrivilegeLevel::Callback)]
#[case("bmc?privilegelevel=operator", PrivilegeLevel::Operator)]
#[case("ipmi://bmc?privilegelevel=OPERATO%52", PrivilegeLevel::Operator)]
#[case(
    "ipmi://bmc?privilegelevel=USER&privilegelevel=OPERATOR",
    PrivilegeLevel::User
)]
fn the_query_may_lower_the_privilege_level(#[case] address: &str, #[case] level: PrivilegeLevel) {
    assert_eq!(parsed(address).privilege_level, level);
}

#[rstest]
#[case("ipmi://bmc?privilegelevel")]
#[case("ipmi://bmc?privilegelevel=")]
#[case("ipmi://bmc?privilegelevel=ROOT")]
#[case("ipmi://bmc?privilegelevel=%zz")]
#[case("ipmi://bmc?privilegelevel=USER;a=b")]
fn a_privilege_level_that_cannot_be_read_is_not_taken_for_the_highest(#[case] address: &str) {
    assert_eq!(
        address.parse::<BmcAddress>(),
        Err(BmcAddressError::PrivilegeLevel)
    );
}

#[rstest]
#[case::hyphen_at_the_end("my-.examplehost.com", BmcAddressError::Host)]
#[case::no_ipv6("[fe80::fc33:62ff:fe33:8xff]:6223", BmcAddressError::Host)]
#[case::empty("", BmcAddressError::Empty)]
#[case::port_alone(":623", BmcAddressError::NoHost)]
#[case::no_host("redfish://", BmcAddressError::NoHost)]
#[case::scheme_alone("redfish:", BmcAddressError::NoHost)]
#[case::path_alone("/redfish/v1", BmcAddressError::NoHost)]
#[case::path_and_no_host("redfish:///redfish/v1", BmcAddressError::NoHost)]
#[case::no_scheme_at_all("//bmc", BmcAddressError::NoHost)]
#[case::port_and_no_host("redfish://:443/", BmcAddressError::NoHost)]
#[case::bare_ipv6("fe80::1", BmcAddressError::BareIpv6)]
#[case::bare_ipv6_of_redfish("redfish://fe80::1/", BmcAddressError::BareIpv6)]
#[case::bracket("ipmi://[fe80::1", BmcAddressError::Host)]
#[case::ipv4_in_brackets("ipmi://[192.0.2.1]", BmcAddressError::Host)]
#[case::zone("ipmi://[fe80::1%25eth0]", BmcAddressError::Host)]
#[case::after_the_bracket("ipmi://[fe80::1]623", BmcAddressError::Host)]
#[case::space("redfish://b mc/", BmcAddressError::Host)]
#[case::underscore("redfish://b_mc/", BmcAddressError::Host)]
#[case::final_dot("redfish://bmc./", BmcAddressError::Host)]
#[case::no_ascii("redfish://bücher.example/", BmcAddressError::Host)]
#[case::escaped_host("redfish://b%6dc/", BmcAddressError::Host)]
#[case::port_of_letters("redfish://bmc:https/", BmcAddressError::Port)]
#[case::port_with_sign("redfish://bmc:+443/", BmcAddressError::Port)]
#[case::port_zero("redfish://bmc:0/", BmcAddressError::Port)]
#[case::port_too_high("ipmi://bmc:65536", BmcAddressError::Port)]
#[case::two_ports("ipmi://bmc:1:2", BmcAddressError::Port)]
#[case::escape("redfish://bmc/%zz", BmcAddressError::Escape)]
#[case::half_an_escape("redfish://bmc/Systems/%2", BmcAddressError::Escape)]
#[case::no_utf_8("redfish://bmc/%ff", BmcAddressError::Escape)]
#[case::line_break("redfish://bmc/\n", BmcAddressError::ControlCharacter)]
#[case::leading_space(" redfish://bmc", BmcAddressError::NoScheme)]
fn what_cannot_be_read_is_refused_with_its_reason(
    #[case] address: &str,
    #[case] expected: BmcAddressError,
) {
    assert_eq!(address.parse::<BmcAddress>(), Err(expected));
}

#[rstest]
#[case("foo://192.168.122.1", "foo")]
#[case("foo:192.168.122.1", "foo")]
#[case("https://bmc/redfish/v1", "https")]
#[case("redfish+ftp://bmc", "redfish+ftp")]
#[case("redfish-uefi+http://bmc:8000/boot", "redfish-uefi+http")]
#[case("ilo4://bmc", "ilo4")]
#[case("irmc://bmc", "irmc")]
#[case("fe80:ipmi", "fe80")]
fn an_unknown_scheme_is_told_with_the_known_ones(#[case] address: &str, #[case] scheme: &str) {
    let error = address.parse::<BmcAddress>().unwrap_err();
    assert_eq!(
        error,
        BmcAddressError::UnknownScheme {
            scheme: scheme.into()
        }
    );
    let message = error.to_string();
    for known in BmcScheme::ALL {
        assert!(message.contains(known.as_str()), "{message}");
    }
}

#[rstest]
#[case("redfish://root:calvin@bmc/redfish/v1")]
#[case("redfish://root:cal/vin@bmc/redfish/v1")]
#[case("redfish://root:cal@vin@bmc")]
#[case("redfish://root:cal#vin@bmc")]
#[case("root:calvin@bmc")]
#[case("root:ca/lvin@bmc")]
#[case("ipmi:root:calvin@bmc")]
#[case("calvin://root@bmc")]
#[case("redfish://bmc:calvin/@")]
fn a_user_is_refused_and_nothing_of_the_address_shown(#[case] address: &str) {
    let error = address.parse::<BmcAddress>().unwrap_err();
    assert_eq!(error, BmcAddressError::HoldsUser);
    assert!(!format!("{error} {error:?}").contains("calvin"));
}

#[rstest]
#[case("ipmi://bmc", "bmc", 623)]
#[case("libvirt://bmc:6230", "bmc:6230", 6230)]
#[case("redfish://bmc", "bmc", 443)]
#[case("redfish+https://BMC:/", "BMC", 443)]
#[case("redfish+http://bmc", "bmc", 80)]
#[case("redfish+http://[2001:db8::1]:8000", "[2001:db8::1]:8000", 8000)]
fn an_authority_is_shown_as_in_a_url_and_its_port_has_a_default(
    #[case] address: &str,
    #[case] authority: &str,
    #[case] port: u16,
) {
    let read = parsed(address);
    assert_eq!(read.authority(), authority);
    assert_eq!(read.port_or_default(), port);
}
