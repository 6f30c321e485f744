//! After a release nothing of the volume is left on the node: it could be deployed in another way next.

use ironic_sim::{Interface, Seed};
use rstest::rstest;
use serde_json::{Value, json};

use crate::testing::{Life, diskless, with_disk};

/// A host that boots from no volume yet, as a BMC of this scheme has it.
fn of_scheme(scheme: &str) -> Value {
    let mut host = with_disk();
    let address = format!("{scheme}+{}{}", Seed::default().address, Seed::system(0));
    host["spec"]["bmc"]["address"] = address.into();
    host
}

/// The boot interface is the scheme's own again, and the deploy interface Ironic's default, whatever these are.
#[rstest]
#[case("redfish", "direct")]
#[case("redfish-virtualmedia", "direct")]
#[case("redfish", "custom-agent")]
#[case("redfish-virtualmedia", "custom-agent")]
#[tokio::test(start_paused = true)]
async fn a_released_node_is_as_it_was_before_it_had_a_volume(
    #[case] scheme: &str,
    #[case] deploy: &str,
) {
    let mut life = Life::with(|settings| {
        let defaults = &mut settings.interfaces.defaults;
        defaults.insert(Interface::Deploy, deploy.to_owned());
    });
    life.create(of_scheme(scheme)).await;
    life.expect_state("available").expect_no_error();
    assert_eq!(life.node()["deploy_interface"], deploy);
    let before = life.picture();

    let volume = diskless()["spec"]["bootVolume"].clone();
    life.spec(json!({ "bootVolume": volume })).await;
    life.expect_state("provisioned").expect_volumes(1);
    for (field, wanted) in [
        ("boot_interface", "ipxe"),
        ("deploy_interface", "direct"),
        ("storage_interface", "external"),
        (
            "instance_uuid",
            life.host()["metadata"]["uid"].as_str().unwrap(),
        ),
    ] {
        assert_eq!(life.node()[field], wanted, "{field}");
    }

    life.release().await;
    life.expect_state("available").expect_no_error();
    assert_eq!(life.picture()["ironic"], before["ironic"]);
    assert_eq!(life.node()["instance_uuid"], Value::Null);
    assert!(
        life.sim
            .boot(life.node()["uuid"].as_str().unwrap())
            .is_none_or(|boot| boot.san().is_none()),
        "the boot script is still there"
    );
}

#[tokio::test(start_paused = true)]
async fn secure_boot_is_asked_for_as_long_as_a_host_is_deployed() {
    let mut life = Life::begin();
    let mut host = of_scheme("redfish");
    host["spec"]["bootMode"] = "UEFISecureBoot".into();
    life.create(host).await;
    life.expect_state("available").expect_no_error();
    let before = life.picture();

    let volume = diskless()["spec"]["bootVolume"].clone();
    life.spec(json!({ "bootVolume": volume })).await;
    life.expect_state("provisioned").expect_volumes(1);
    let asked = &life.node()["instance_info"]["capabilities"];
    assert_eq!(*asked, json!({ "secure_boot": "true" }));

    life.release().await;
    life.expect_state("available").expect_no_error();
    assert_eq!(life.picture()["ironic"], before["ironic"]);
}

/// What was half done is undone as well.
#[tokio::test(start_paused = true)]
async fn an_attempt_that_was_cancelled_before_it_began_leaves_nothing() {
    let mut life = Life::begin();
    life.create(of_scheme("redfish")).await;
    let before = life.picture();
    let volume = diskless()["spec"]["bootVolume"].clone();
    life.start_patch(&json!({"spec": {"bootVolume": volume}}));
    life.run_until_state_is("provisioning").await;
    life.release().await;
    life.expect_state("available").expect_no_error();
    assert_eq!(life.picture()["ironic"], before["ironic"]);
}
