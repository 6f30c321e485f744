//! What the index knows, and whom it calls.

use k8s_openapi::api::coordination::v1::LeaseSpec;
use serde_json::json;

use super::*;

const OWN: &str = "metal/node-0/52:54:00:e2:e0:01";
const OTHER: &str = "metal/node-1/52:54:00:e2:e0:02";

fn deployed() -> BareMetalHost {
    let target =
        json!({"iqn": "iqn.2026-11.org.example:vol-1", "portal": "192.0.2.1:3260", "lun": 1});
    serde_json::from_value(json!({
        "metadata": {"namespace": "metal", "name": "node-0"},
        "spec": {
            "online": true,
            "bootMACAddress": "52:54:00:E2:E0:01",
            "bootVolume": {"volumeId": "vol-1", "volumeDriver": "external", "iscsiTarget": target},
        },
        "status": {
            "provisioning": {"state": "available", "ID": ""}, "errorMessage": "", "poweredOn": false,
            "operationalStatus": "OK", "errorCount": 0, "provisioningFailCount": 0,
        },
    }))
    .unwrap()
}

/// One of the two that the host needs, or another one.
fn lease(name: &str, holder: &str, version: &str) -> Lease {
    let mut lease = Lease {
        spec: Some(LeaseSpec {
            holder_identity: Some(holder.to_owned()),
            ..LeaseSpec::default()
        }),
        ..Lease::default()
    };
    lease.metadata.name = Some(name.to_owned());
    lease.metadata.uid = Some(format!("uid-of-{holder}"));
    lease.metadata.resource_version = Some(version.to_owned());
    lease
}

fn needed() -> String {
    looked_up_leases(&deployed()).remove(0).name
}

fn synced() -> Leases {
    let leases = Leases::default();
    leases.follow(&Event::Init);
    leases.follow(&Event::InitDone);
    leases
}

fn names(called: Vec<ObjectRef<Stored>>) -> Vec<String> {
    let mut names: Vec<_> = called.into_iter().map(|host| host.name).collect();
    names.sort();
    names
}

#[track_caller]
fn known(leases: &Leases) -> Vec<Known> {
    match leases.look(&deployed()) {
        Look::Known(known) => known,
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_is_known_before_the_first_list_and_who_asked_is_called_then() {
    let leases = Leases::default();
    assert_eq!(leases.look(&deployed()), Look::Pending);
    leases.follow(&Event::Init);
    leases.follow(&Event::InitApply(lease(&needed(), OTHER, "1")));
    assert_eq!(leases.look(&deployed()), Look::Pending);
    assert_eq!(names(leases.follow(&Event::InitDone)), ["node-0"]);
    assert_eq!(known(&leases).len(), 1);
}

#[test]
fn a_watch_that_never_came_up_is_told_and_one_that_did_is_believed() {
    let leases = Leases::default();
    leases.look(&deployed());
    assert_eq!(names(leases.fail("forbidden".to_owned())), ["node-0"]);
    let message = "forbidden".to_owned();
    assert_eq!(leases.look(&deployed()), Look::Failed { message });
    leases.follow(&Event::Init);
    leases.follow(&Event::InitDone);
    leases.fail("gone for a while".to_owned());
    assert_eq!(known(&leases), []);
}

#[test]
fn a_host_sees_what_it_holds_and_what_it_needs_of_others() {
    let leases = synced();
    for (name, holder) in [
        (needed().as_str(), OTHER),
        ("held", OWN),
        ("strange", OTHER),
    ] {
        leases.follow(&Event::Apply(lease(name, holder, "1")));
    }
    let mut seen: Vec<_> = known(&leases).into_iter().map(|lease| lease.name).collect();
    seen.sort();
    assert_eq!(seen, ["held".to_owned(), needed()]);
}

#[test]
fn who_waits_for_a_lease_is_called_when_it_is_freed_or_changes_hands() {
    let leases = synced();
    leases.follow(&Event::Apply(lease(&needed(), OTHER, "1")));
    known(&leases);
    let freed = leases.follow(&Event::Delete(lease(&needed(), OTHER, "2")));
    assert_eq!(names(freed), ["node-0", "node-1"]);
    assert_eq!(known(&leases), []);
    let taken = leases.follow(&Event::Apply(lease(&needed(), "metal/node-2/", "3")));
    assert_eq!(names(taken), ["node-0", "node-2"], "it needs it still");
    let other = leases.follow(&Event::Apply(lease("another", "metal/node-3/", "4")));
    assert_eq!(names(other), ["node-3"]);
}

#[test]
fn the_holder_is_called_when_its_lease_is_deleted_or_given_to_another() {
    let leases = synced();
    leases.follow(&Event::Apply(lease("held", OWN, "1")));
    let given = leases.follow(&Event::Apply(lease("held", OTHER, "2")));
    assert_eq!(names(given), ["node-0", "node-1"]);
    leases.follow(&Event::Apply(lease("held", OWN, "3")));
    // Nobody watched when it was deleted.
    leases.follow(&Event::Init);
    assert_eq!(names(leases.follow(&Event::InitDone)), ["node-0"]);
}

#[test]
fn a_deletion_that_is_told_late_takes_nothing_from_the_next_holder() {
    let leases = synced();
    leases.learn(&lease("held", OTHER, "1"));
    leases.forget("held");
    leases.learn(&lease("held", OWN, "3"));
    leases.follow(&Event::Delete(lease("held", OTHER, "2")));
    assert_eq!(known(&leases).len(), 1);
}
