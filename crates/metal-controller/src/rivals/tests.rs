use kube::core::DeserializeGuard;
use serde_json::json;

use super::*;

fn stored(name: &str, bmc: &str, mac: &str) -> Stored {
    let host = serde_json::from_value(json!({
        "apiVersion": "metal3.io/v1alpha1", "kind": "BareMetalHost",
        "metadata": {"name": name, "namespace": "metal", "creationTimestamp": "2026-11-22T12:00:00Z"},
        "spec": {"online": true, "bootMACAddress": mac, "bmc": {"address": bmc, "credentialsName": "x"}},
    }));
    DeserializeGuard(Ok(host.unwrap()))
}

fn host(name: &str, bmc: &str, mac: &str) -> BareMetalHost {
    stored(name, bmc, mac).0.unwrap()
}

fn names(rivals: &[Rival]) -> Vec<&str> {
    rivals.iter().map(|rival| rival.name.as_str()).collect()
}

fn freed(rivals: &Rivals, event: &Event<Stored>) -> Vec<String> {
    let hosts = rivals.follow(event);
    hosts.into_iter().map(|host| host.name).collect()
}

/// Hosts a and b have the same BMC, b and c the same MAC address.
fn three() -> Rivals {
    let rivals = Rivals::default();
    for event in [
        Event::Init,
        Event::InitApply(stored("a", "redfish://one", "52:54:00:00:00:01")),
        Event::InitApply(stored("b", "redfish://ONE/", "52:54:00:00:00:02")),
        Event::InitDone,
        Event::Apply(stored("c", "redfish://two", "52:54:00:00:00:02")),
    ] {
        assert_eq!(freed(&rivals, &event), [""; 0]);
    }
    rivals
}

#[test]
fn rivals_are_the_others_with_the_same_bmc_or_mac_address() {
    let rivals = three();
    let of = |name, bmc, mac| rivals.of(&host(name, bmc, mac));
    assert_eq!(names(&of("a", "redfish://one", "52:54:00:00:00:01")), ["b"]);
    let of_b = of("b", "redfish://one", "52:54:00:00:00:02");
    assert_eq!(names(&of_b), ["a", "c"]);
    assert_eq!(of_b[0].claim.key(), "redfish one:443");
    assert_eq!(of_b[1].claim, Claim::BootMac("52:54:00:00:00:02".into()));
    assert!(of_b[0].created_at.is_some());
    assert_eq!(
        names(&of("d", "redfish://three", "52:54:00:00:00:04")),
        [""; 0]
    );
}

#[test]
fn two_machines_behind_one_bmc_are_no_rivals() {
    let rivals = Rivals::default();
    let mac = |last: u8| format!("52:54:00:00:00:{last:02x}");
    let system = |number: u8| format!("redfish://one/redfish/v1/Systems/{number}");
    for number in 1..3 {
        let name = format!("node-{number}");
        rivals.follow(&Event::Apply(stored(&name, &system(number), &mac(number))));
    }
    let of = |bmc: &str| rivals.of(&host("other", bmc, &mac(9)));
    assert_eq!(names(&of(&system(1))), ["node-1"]);
    assert_eq!(names(&of(&system(3))), [""; 0]);
    // One that leaves it to the BMC, as if there were one machine only.
    assert_eq!(names(&of("redfish://one")), ["node-1", "node-2"]);
}

#[test]
fn a_host_that_lets_go_of_its_claim_frees_the_others() {
    let rivals = three();
    let corrected = Event::Apply(stored("b", "redfish://other", "52:54:00:00:00:02"));
    assert_eq!(freed(&rivals, &corrected), ["a"]);
    let unchanged = Event::Apply(stored("b", "redfish://other", "52:54:00:00:00:02"));
    assert_eq!(freed(&rivals, &unchanged), [""; 0]);
    let gone = Event::Delete(stored("c", "redfish://two", "52:54:00:00:00:02"));
    assert_eq!(freed(&rivals, &gone), ["b"]);
    let b = host("b", "redfish://other", "52:54:00:00:00:02");
    assert_eq!(rivals.of(&b), []);
}

#[test]
fn a_host_that_is_not_in_a_new_list_is_gone() {
    let rivals = three();
    assert_eq!(freed(&rivals, &Event::Init), [""; 0]);
    for stored in [
        stored("b", "redfish://one", "52:54:00:00:00:02"),
        stored("c", "redfish://two", "52:54:00:00:00:02"),
    ] {
        assert_eq!(freed(&rivals, &Event::InitApply(stored)), [""; 0]);
    }
    assert_eq!(freed(&rivals, &Event::InitDone), ["b"]);
}

#[test]
fn nothing_is_kept_of_hosts_that_are_gone_or_cannot_be_read() {
    let rivals = three();
    for name in ["a", "b"] {
        rivals.follow(&Event::Delete(stored(
            name,
            "redfish://one",
            "52:54:00:00:00:01",
        )));
    }
    let unreadable: Stored = serde_json::from_value(json!({
        "apiVersion": "metal3.io/v1alpha1", "kind": "BareMetalHost",
        "metadata": {"name": "c", "namespace": "metal"}, "spec": {"online": "perhaps"},
    }))
    .unwrap();
    assert!(unreadable.0.is_err());
    rivals.follow(&Event::Apply(unreadable));
    rivals.locked(|index| {
        assert!(index.hosts.is_empty() && index.by_key.is_empty());
    });
}
