//! The rules of Metal3's webhook: each accepts something and refuses something.

use metal_api::v1alpha1::{
    BareMetalHost, BareMetalHostSpec, BootMode, FirmwareConfig, HardwareRaidLevel,
    HardwareRaidVolume, Image, ImageFormat, InspectionMode, NetworkInterface, OperationalStatus,
    ProvisioningState, RaidConfig, RootDeviceHints, SoftwareRaidLevel, SoftwareRaidVolume,
};
use rstest::rstest;

use crate::fixtures::{accepted, host, judge, update_accepted, update_refused, with_spec};

fn with_address(spec: &mut BareMetalHostSpec, address: &str) {
    spec.bmc.as_mut().unwrap().address = address.into();
}

fn hints(device_name: &str) -> RootDeviceHints {
    RootDeviceHints {
        device_name: Some(device_name.into()),
        ..RootDeviceHints::default()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "as the field takes it")]
fn hardware(change: impl FnOnce(&mut HardwareRaidVolume)) -> Option<Vec<HardwareRaidVolume>> {
    let mut volume = HardwareRaidVolume {
        controller: None,
        level: HardwareRaidLevel::Raid1,
        name: None,
        number_of_physical_disks: None,
        physical_disks: Vec::new(),
        rotational: None,
        size_gibibytes: None,
    };
    change(&mut volume);
    Some(vec![volume])
}

fn software(level: SoftwareRaidLevel, root_volume: bool) -> SoftwareRaidVolume {
    SoftwareRaidVolume {
        level,
        physical_disks: Vec::new(),
        root_volume,
        size_gibibytes: None,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "as the field takes it")]
fn raid(
    hardware_raid_volumes: Option<Vec<HardwareRaidVolume>>,
    software_raid_volumes: Option<Vec<SoftwareRaidVolume>>,
) -> Option<RaidConfig> {
    Some(RaidConfig {
        hardware_raid_volumes,
        software_raid_volumes,
    })
}

#[expect(clippy::unnecessary_wraps, reason = "as the field takes it")]
fn image(url: &str, checksum: Option<&str>, format: Option<ImageFormat>) -> Option<Image> {
    Some(Image {
        checksum: checksum.map(Into::into),
        format,
        url: url.into(),
        ..Image::default()
    })
}

const MIRROR: SoftwareRaidLevel = SoftwareRaidLevel::Raid1;

type Change = fn(&mut BareMetalHostSpec);

#[rstest]
#[case::no_mac_with_redfish(|spec: &mut BareMetalHostSpec| spec.boot_mac_address = None)]
#[case::no_mac_without_a_bmc(|spec: &mut BareMetalHostSpec| {
    spec.boot_mac_address = None;
    spec.bmc = None;
    spec.inspection_mode = Some(InspectionMode::Disabled);
})]
#[case::mac_with_libvirt(|spec: &mut BareMetalHostSpec| with_address(spec, "libvirt://a"))]
#[case::mac_without_inspection(|spec: &mut BareMetalHostSpec| spec.inspection_mode = Some(InspectionMode::Disabled))]
#[case::mac_of_eight_octets(|spec: &mut BareMetalHostSpec| spec.boot_mac_address = Some("52:54:00:ff:fe:e2:e0:01".into()))]
#[case::anything_without_a_bmc(|spec: &mut BareMetalHostSpec| {
    spec.bmc = None;
    spec.boot_mac_address = Some("52:54:00:e2:e0:01!".into());
})]
#[case::secure_boot_with_redfish(|spec: &mut BareMetalHostSpec| spec.boot_mode = Some(BootMode::UefiSecureBoot))]
#[case::secure_boot_with_ilo(|spec: &mut BareMetalHostSpec| {
    with_address(spec, "ilo5-virtualmedia://a");
    spec.boot_mode = Some(BootMode::UefiSecureBoot);
})]
#[case::uefi_with_ipmi(|spec: &mut BareMetalHostSpec| {
    with_address(spec, "ipmi://a");
    spec.boot_mode = Some(BootMode::Uefi);
})]
#[case::fast_inspection_with_redfish(|spec: &mut BareMetalHostSpec| spec.inspection_mode = Some(InspectionMode::Fast))]
#[case::fast_inspection_with_idrac(|spec: &mut BareMetalHostSpec| {
    with_address(spec, "idrac-redfish+https://a");
    spec.inspection_mode = Some(InspectionMode::Fast);
})]
#[case::agent_inspection_with_ipmi(|spec: &mut BareMetalHostSpec| {
    with_address(spec, "ipmi://a");
    spec.inspection_mode = Some(InspectionMode::Agent);
})]
#[case::hardware_raid_with_redfish(|spec: &mut BareMetalHostSpec| spec.raid = raid(hardware(|_| {}), None))]
#[case::no_hardware_raid_with_ipmi(|spec: &mut BareMetalHostSpec| {
    with_address(spec, "ipmi://a");
    spec.raid = raid(Some(Vec::new()), Some(vec![software(MIRROR, true)]));
})]
#[case::disks_of_a_controller(|spec: &mut BareMetalHostSpec| spec.raid = raid(hardware(|volume| {
    volume.controller = Some("a".into());
    volume.physical_disks = vec!["b".into(), "c".into()];
    volume.number_of_physical_disks = Some(2);
}), None))]
#[case::a_number_without_disks(|spec: &mut BareMetalHostSpec| spec.raid = raid(hardware(|volume| volume.number_of_physical_disks = Some(2)), None))]
#[case::one_root_volume(|spec: &mut BareMetalHostSpec| spec.raid = raid(None, Some(vec![software(MIRROR, true), software(SoftwareRaidLevel::Raid0, false)])))]
#[case::hints_without_a_root_volume(|spec: &mut BareMetalHostSpec| {
    spec.raid = raid(None, Some(vec![software(MIRROR, false)]));
    spec.root_device_hints = Some(hints("/dev/sda"));
})]
#[case::a_device_by_path(|spec: &mut BareMetalHostSpec| spec.root_device_hints = Some(hints("/dev/disk/by-path/pci-0000:00:1f.2-ata-1")))]
#[case::no_device(|spec: &mut BareMetalHostSpec| spec.root_device_hints = Some(RootDeviceHints::default()))]
#[case::power_that_stays_on(|spec: &mut BareMetalHostSpec| spec.disable_power_off = Some(true))]
#[case::power_that_may_go_off(|spec: &mut BareMetalHostSpec| {
    spec.online = false;
    spec.disable_power_off = Some(false);
})]
#[case::an_interface_by_name(|spec: &mut BareMetalHostSpec| spec.network_interfaces = vec![NetworkInterface {
    name: Some("eth0".into()), ..NetworkInterface::default()
}])]
#[case::an_interface_by_mac_address(|spec: &mut BareMetalHostSpec| spec.network_interfaces = vec![NetworkInterface {
    mac_address: Some("52:54:00:e2:e0:01".into()), ..NetworkInterface::default()
}])]
#[case::http(|spec: &mut BareMetalHostSpec| spec.image = image("http://a/b", Some("c"), None))]
#[case::https(|spec: &mut BareMetalHostSpec| spec.image = image("HTTPS://a/b", Some("c"), Some(ImageFormat::Unset)))]
#[case::ftp(|spec: &mut BareMetalHostSpec| spec.image = image("ftp://a/b", Some("c"), Some(ImageFormat::Raw)))]
#[case::gopher(|spec: &mut BareMetalHostSpec| spec.image = image("gopher://a/b", Some("c"), None))]
#[case::an_artifact(|spec: &mut BareMetalHostSpec| spec.image = image("oci://a/b", None, None))]
#[case::an_iso(|spec: &mut BareMetalHostSpec| spec.image = image("http://a/b", None, Some(ImageFormat::LiveIso)))]
#[case::no_image(|spec: &mut BareMetalHostSpec| spec.image = image("", None, None))]
fn what_metal3_accepts_is_accepted(#[case] change: Change) {
    accepted(&with_spec(host(), change));
}

#[rstest]
#[case::no_mac_with_libvirt(|spec: &mut BareMetalHostSpec| {
    with_address(spec, "libvirt://a");
    spec.boot_mac_address = None;
}, "spec.bootMACAddress")]
#[case::no_mac_without_inspection(|spec: &mut BareMetalHostSpec| {
    spec.inspection_mode = Some(InspectionMode::Disabled);
    spec.boot_mac_address = None;
}, "spec.bootMACAddress")]
#[case::more_than_a_mac(|spec: &mut BareMetalHostSpec| spec.boot_mac_address = Some("52:54:00:e2:e0:01 ".into()), "spec.bootMACAddress")]
#[case::seven_octets(|spec: &mut BareMetalHostSpec| spec.boot_mac_address = Some("52:54:00:e2:e0:01:02".into()), "spec.bootMACAddress")]
#[case::secure_boot_with_ipmi(|spec: &mut BareMetalHostSpec| {
    with_address(spec, "ipmi://a");
    spec.boot_mode = Some(BootMode::UefiSecureBoot);
}, "spec.bootMode")]
#[case::secure_boot_without_a_scheme(|spec: &mut BareMetalHostSpec| {
    with_address(spec, "192.0.2.1");
    spec.boot_mode = Some(BootMode::UefiSecureBoot);
}, "spec.bootMode")]
#[case::secure_boot_with_a_host_that_is_called_so(|spec: &mut BareMetalHostSpec| {
    with_address(spec, "redfish.example");
    spec.boot_mode = Some(BootMode::UefiSecureBoot);
}, "spec.bootMode")]
#[case::fast_inspection_with_libvirt(|spec: &mut BareMetalHostSpec| {
    with_address(spec, "libvirt://a");
    spec.inspection_mode = Some(InspectionMode::Fast);
}, "spec.inspectionMode")]
#[case::hardware_raid_with_ipmi(|spec: &mut BareMetalHostSpec| {
    with_address(spec, "ipmi://a");
    spec.raid = raid(hardware(|_| {}), None);
}, "spec.raid.hardwareRAIDVolumes")]
#[case::both_kinds_of_raid(|spec: &mut BareMetalHostSpec| spec.raid = raid(hardware(|_| {}), Some(vec![software(MIRROR, false)])), "spec.raid")]
#[case::disks_without_a_controller(|spec: &mut BareMetalHostSpec| spec.raid = raid(hardware(|volume| {
    volume.physical_disks = vec!["b".into()];
}), None), "spec.raid.hardwareRAIDVolumes[].controller")]
#[case::another_number_of_disks(|spec: &mut BareMetalHostSpec| spec.raid = raid(hardware(|volume| {
    volume.controller = Some("a".into());
    volume.physical_disks = vec!["b".into()];
    volume.number_of_physical_disks = Some(2);
}), None), "spec.raid.hardwareRAIDVolumes[].numberOfPhysicalDisks")]
#[case::two_root_volumes(|spec: &mut BareMetalHostSpec| spec.raid = raid(None, Some(vec![software(MIRROR, true), software(MIRROR, true)])), "spec.raid.softwareRAIDVolumes")]
#[case::a_root_volume_that_is_no_mirror(|spec: &mut BareMetalHostSpec| spec.raid = raid(None, Some(vec![software(SoftwareRaidLevel::Raid0, true)])), "spec.raid.softwareRAIDVolumes[].level")]
#[case::hints_beside_a_root_volume(|spec: &mut BareMetalHostSpec| {
    spec.raid = raid(None, Some(vec![software(MIRROR, true)]));
    spec.root_device_hints = Some(RootDeviceHints::default());
}, "spec.rootDeviceHints")]
#[case::a_device_elsewhere(|spec: &mut BareMetalHostSpec| spec.root_device_hints = Some(hints("/tmp/sda")), "spec.rootDeviceHints.deviceName")]
#[case::a_device_by_id(|spec: &mut BareMetalHostSpec| spec.root_device_hints = Some(hints("/dev/disk/by-id/sda")), "spec.rootDeviceHints.deviceName")]
#[case::firmware(|spec: &mut BareMetalHostSpec| spec.firmware = Some(FirmwareConfig::default()), "spec.firmware")]
#[case::off_though_power_stays_on(|spec: &mut BareMetalHostSpec| {
    spec.online = false;
    spec.disable_power_off = Some(true);
}, "spec.online")]
#[case::an_interface_by_nothing(|spec: &mut BareMetalHostSpec| spec.network_interfaces = vec![NetworkInterface::default()], "spec.networkInterfaces[]")]
#[case::an_interface_by_both(|spec: &mut BareMetalHostSpec| spec.network_interfaces = vec![NetworkInterface {
    name: Some("eth0".into()), mac_address: Some("52:54:00:e2:e0:01".into()), ..NetworkInterface::default()
}], "spec.networkInterfaces[]")]
#[case::an_image_of_another_scheme(|spec: &mut BareMetalHostSpec| spec.image = image("file:///a", Some("c"), None), "spec.image.url")]
#[case::an_image_without_a_scheme(|spec: &mut BareMetalHostSpec| spec.image = image("a/b", Some("c"), None), "spec.image.url")]
#[case::an_image_without_a_checksum(|spec: &mut BareMetalHostSpec| spec.image = image("http://a/b", Some(""), None), "spec.image.checksum")]
#[case::an_artifact_with_a_checksum(|spec: &mut BareMetalHostSpec| spec.image = image("OCI://a/b", Some("c"), None), "spec.image.checksum")]
fn what_metal3_refuses_is_refused(#[case] change: Change, #[case] field: &str) {
    let host = with_spec(host(), change);
    let errors = judge(&host, None).unwrap_err();
    let [error] = errors.as_slice() else {
        panic!("one refusal: {errors:#?}");
    };
    let (named, advice) = error.message.split_once(": ").unwrap();
    assert_eq!(named, field);
    assert!(advice.contains("; "), "{advice}");
    let path = error.field_path.replace("[0]", "[]");
    assert!(field.starts_with(path.trim_start_matches('.')), "{path}");
}

fn in_state(state: ProvisioningState, operational_status: OperationalStatus) -> BareMetalHost {
    let mut host = host();
    let status = host.status.get_or_insert_default();
    status.provisioning.state = state;
    status.operational_status = operational_status;
    host
}

#[rstest]
#[case::the_same(Some("52:54:00:e2:e0:01"), true)]
#[case::the_same_in_capitals(Some("52:54:00:E2:E0:01"), true)]
#[case::another(Some("52:54:00:e2:e0:02"), false)]
#[case::none(None, false)]
fn a_boot_mac_address_is_kept(#[case] mac: Option<&str>, #[case] is_accepted: bool) {
    let old = host();
    let new = with_spec(host(), |spec| spec.boot_mac_address = mac.map(Into::into));
    if is_accepted {
        update_accepted(&old, &new);
    } else {
        update_refused(&old, &new, "spec.bootMACAddress");
        let errors = judge(&new, Some(&old)).unwrap_err();
        let words = "bootMACAddress can not be changed once it is set";
        assert!(errors.as_slice()[0].message.contains(words));
    }
}

#[test]
fn a_boot_mac_address_can_be_set_later() {
    let without = with_spec(host(), |spec| spec.boot_mac_address = None);
    update_accepted(&without, &host());
}

#[rstest]
#[case(ProvisioningState::None, OperationalStatus::None, true)]
#[case(ProvisioningState::Unmanaged, OperationalStatus::Discovered, true)]
#[case(ProvisioningState::Registering, OperationalStatus::Ok, true)]
#[case(ProvisioningState::Registering, OperationalStatus::Error, true)]
#[case(ProvisioningState::Inspecting, OperationalStatus::Ok, false)]
#[case(ProvisioningState::Preparing, OperationalStatus::Ok, false)]
#[case(ProvisioningState::Available, OperationalStatus::Ok, false)]
#[case(ProvisioningState::Available, OperationalStatus::Detached, true)]
#[case(ProvisioningState::Provisioned, OperationalStatus::Error, false)]
#[case(ProvisioningState::Provisioned, OperationalStatus::Detached, true)]
#[case(ProvisioningState::Deleting, OperationalStatus::Ok, false)]
fn a_bmc_address_changes_only_where_ironic_need_not_know_the_host(
    #[case] state: ProvisioningState,
    #[case] operational_status: OperationalStatus,
    #[case] is_accepted: bool,
) {
    let old = in_state(state, operational_status);
    let other = with_spec(old.clone(), |spec| with_address(spec, "redfish://other"));
    let without = with_spec(old.clone(), |spec| spec.bmc = None);
    for new in [other, without] {
        if is_accepted {
            update_accepted(&old, &new);
        } else {
            update_refused(&old, &new, "spec.bmc.address");
        }
    }
}

#[test]
fn a_bmc_can_be_set_later_and_its_other_fields_change_at_any_time() {
    let old = in_state(ProvisioningState::Available, OperationalStatus::Ok);
    let without = with_spec(old.clone(), |spec| spec.bmc = None);
    update_accepted(&without, &old);
    let empty = with_spec(old.clone(), |spec| with_address(spec, ""));
    update_accepted(&empty, &old);
    let other_secret = with_spec(old.clone(), |spec| {
        spec.bmc.as_mut().unwrap().credentials_name = "other".into();
    });
    update_accepted(&old, &other_secret);
}

#[rstest]
#[case(ProvisioningState::Available, true)]
#[case(ProvisioningState::None, false)]
#[case(ProvisioningState::Registering, false)]
#[case(ProvisioningState::Ready, false)]
#[case(ProvisioningState::Provisioned, false)]
#[case(ProvisioningState::Deprovisioning, false)]
fn a_host_becomes_externally_provisioned_only_when_it_is_available(
    #[case] state: ProvisioningState,
    #[case] is_accepted: bool,
) {
    let old = in_state(state, OperationalStatus::Ok);
    let set =
        |host: BareMetalHost| with_spec(host, |spec| spec.externally_provisioned = Some(true));
    let new = set(old.clone());
    if is_accepted {
        update_accepted(&old, &new);
    } else {
        update_refused(&old, &new, "spec.externallyProvisioned");
    }
    // One of the two is enough, as when a controller writes the state in the same moment.
    let available = in_state(ProvisioningState::Available, OperationalStatus::Ok);
    update_accepted(&available, &new);
    update_accepted(&old, &set(available));
    // What is set may stay, and may go.
    update_accepted(&new, &new);
    update_accepted(&new, &old);
}

#[test]
fn a_host_can_be_created_externally_provisioned() {
    accepted(&with_spec(host(), |spec| {
        spec.externally_provisioned = Some(true);
    }));
}

/// A status write, a finalizer, a deletion: the API server judges only what changes, and the rules at the root are true
/// for a spec that stays.
#[test]
fn no_rule_keeps_a_stored_host_from_getting_its_status() {
    for state in [ProvisioningState::Provisioned, ProvisioningState::Deleting] {
        let old = with_spec(
            in_state(ProvisioningState::Available, OperationalStatus::Ok),
            |spec| spec.externally_provisioned = Some(true),
        );
        let mut new = old.clone();
        new.status.as_mut().unwrap().provisioning.state = state;
        update_accepted(&old, &new);
    }
}
