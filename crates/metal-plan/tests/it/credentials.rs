//! Whether a host is deployed with the credentials that its Secret holds, and what is recorded of them.

use ironic_types::{PowerState, ProvisionState as N};
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState as S};
use metal_plan::{ChapFacts, Fingerprint, Observation, SecretFacts, Step, Transition};
use rstest::rstest;

use super::fixtures::*;

/// A host that runs from its volume.
fn running(host: BareMetalHost) -> Observation {
    observe(host).seeing(deployed_node(N::Active, PowerState::On))
}

/// Status, reason and message of the condition, after the plan.
#[track_caller]
fn told(observation: &Observation) -> Option<(String, String, String)> {
    let status = after(observation).host.status.unwrap();
    let mut conditions = status.conditions.into_iter();
    let condition = conditions.find(|condition| condition.type_ == "CredentialsApplied")?;
    Some((condition.status, condition.reason, condition.message))
}

#[track_caller]
fn expect_told(observation: &Observation, status: &str, reason: &str, words: &str) {
    let told = told(observation).unwrap();
    assert_eq!((told.0.as_str(), told.1.as_str()), (status, reason));
    assert!(told.2.contains(words), "{}", told.2);
    assert_eq!(told.2.is_empty(), words.is_empty(), "{}", told.2);
}

fn key_of_another_installation() -> SecretFacts {
    SecretFacts::Chap(ChapFacts {
        fingerprint: Fingerprint::new("99999999", "7"),
        is_long: false,
    })
}

#[rstest]
#[case::the_same(chap("7"), "True", "Applied", "")]
#[case::changed(
    chap("8"),
    "False",
    "Outdated",
    "Secret vol-1-chap was changed since the deployment, and the machine boots with the old credentials; set the annotation ironboot.io/redeploy"
)]
#[case::another_key(
    key_of_another_installation(),
    "Unknown",
    "Unknown",
    "under another key than that of this installation"
)]
#[case::missing(SecretFacts::Missing, "Unknown", "Unknown", "does not exist any more")]
#[case::not_opted_in(
    SecretFacts::NotOptedIn,
    "Unknown",
    "Unknown",
    "may not be used for iSCSI any more"
)]
#[case::broken(SecretFacts::Invalid { problem: "key password is missing".into() }, "Unknown", "Unknown", "key password is missing")]
fn a_deployed_host_tells_whether_it_has_what_its_secret_holds(
    #[case] secret: SecretFacts,
    #[case] status: &str,
    #[case] reason: &str,
    #[case] words: &str,
) {
    let observation = running(host(S::Provisioned))
        .with(|observation| observation.iscsi_credentials = chap_secret(secret));
    expect_told(&observation, status, reason, words);
    // It runs, and nothing is wrong with it.
    expect(&observation, "rest");
    let conditions = after(&observation).host.status.unwrap().conditions;
    let ready = conditions.iter().find(|ready| ready.type_ == "Ready");
    assert_eq!(ready.unwrap().status, "True");
}

#[test]
fn that_credentials_are_outdated_is_told_once() {
    let outdated = running(host(S::Provisioned))
        .with(|observation| observation.iscsi_credentials = chap_secret(chap("8")));
    let first = after(&outdated);
    let reasons = first.events.iter().map(|event| event.reason.as_str());
    assert_eq!(reasons.collect::<Vec<_>>(), ["CredentialsOutdated"]);
    let again = running(first.host)
        .with(|observation| observation.iscsi_credentials = chap_secret(chap("9")));
    assert_eq!(after(&again).events, []);
}

#[test]
fn a_long_password_is_a_warning() {
    let long = SecretFacts::Chap(ChapFacts {
        fingerprint: Fingerprint::new(KEY_ID, "7"),
        is_long: true,
    });
    let observation = running(host(S::Provisioned))
        .with(|observation| observation.iscsi_credentials = chap_secret(long));
    expect_told(
        &observation,
        "True",
        "Applied",
        "the password in Secret vol-1-chap is longer than 16 characters",
    );
}

#[test]
fn without_a_record_of_the_credentials_nobody_knows() {
    let moved = host(S::Provisioned)
        .with(|host| host.status.as_mut().unwrap().provisioning.boot_volume = Some(rebuilt()));
    expect_told(&running(moved), "Unknown", "Unknown", "it is not on record");
}

#[test]
fn another_secret_in_the_spec_is_told() {
    let other = host(S::Provisioned).with(|host| {
        let volume = host.spec.boot_volume.as_mut().unwrap();
        volume.iscsi_credentials_name = Some("other".into());
    });
    expect_told(
        &running(other),
        "False",
        "Outdated",
        "iscsiCredentialsName is not what",
    );
}

#[test]
fn a_data_volumes_changed_secret_is_told_and_another_data_volume_is_not() {
    let logs = |secret: &str| -> Vec<metal_api::v1alpha1::DataVolume> {
        from(serde_json::json!([{
            "name": "logs", "volumeId": "vol-2", "iscsiCredentialsName": secret,
            "iscsiTarget": {"iqn": "iqn.2026-11.org.example:vol-2", "portal": "192.0.2.1:3260", "authMethod": "CHAP"},
        }]))
    };
    let with_logs = host(S::Provisioned).with(|host| {
        host.spec.data_volumes = logs("logs-chap");
        let status = host.status.as_mut().unwrap();
        let deployed = status.provisioning.boot_volume.as_mut().unwrap();
        deployed.data_volumes = logs("logs-chap");
        deployed.credentials.insert(0, used("logs-chap", "7"));
    });
    let seeing = |word: &str| {
        running(with_logs.clone()).with(|observation| {
            let secrets = &mut observation.iscsi_credentials;
            secrets.insert("logs-chap".into(), chap(word));
        })
    };
    expect_told(&seeing("7"), "True", "Applied", "");
    expect_told(
        &seeing("8"),
        "False",
        "Outdated",
        "Secret logs-chap was changed",
    );
    let other = seeing("7").with(|seen| seen.host.spec.data_volumes = logs("other-chap"));
    expect_told(&other, "True", "Applied", "");
}

#[rstest]
#[case(S::Available)]
#[case(S::Deprovisioning)]
fn a_host_that_is_not_deployed_has_no_such_condition(#[case] state: S) {
    let observation = running(host(state).with(|host| host.spec.online = false))
        .seeing(node(N::Available, PowerState::Off));
    assert_eq!(told(&observation), None);
}

#[test]
fn a_host_without_credentials_has_no_such_condition() {
    let open = host(S::Provisioned).with(|host| {
        host.spec
            .boot_volume
            .as_mut()
            .unwrap()
            .iscsi_credentials_name = None;
        let status = host.status.as_mut().unwrap();
        let deployed = status.provisioning.boot_volume.as_mut().unwrap();
        deployed.iscsi_credentials_name = None;
        deployed.credentials.clear();
        deployed.iscsi_target.auth_method = Some(metal_api::v1alpha1::AuthMethod::None);
    });
    assert_eq!(told(&running(open)), None);
}

#[test]
fn what_nobody_looked_at_is_told_as_before() {
    let outdated = running(host(S::Provisioned))
        .with(|observation| observation.iscsi_credentials = chap_secret(chap("8")));
    let known = after(&outdated).host;
    let unseen = running(known).with(|observation| observation.iscsi_credentials.clear());
    assert_eq!(told(&unseen).unwrap().1, "Outdated");
}

#[test]
fn the_intent_records_the_credentials_that_were_seen() {
    let observation = observe(host(S::Available)).seeing(node(N::Available, PowerState::Off));
    let Step::Enter(Transition::Provision(intent)) = planned(&observation).step else {
        panic!("no intent")
    };
    let used: Vec<_> = intent.credentials.iter().collect();
    assert_eq!(used.len(), 1);
    assert_eq!(
        (used[0].name.as_str(), used[0].fingerprint.as_str()),
        ("vol-1-chap", "1a2b3c4d.7")
    );
}

/// It must never be deployed with others than the recorded ones.
#[rstest]
#[case::changed(chap("8"))]
#[case::under_another_key(key_of_another_installation())]
fn a_secret_that_changes_before_ironic_begins_is_another_intent(#[case] secret: SecretFacts) {
    let observation = observe(host(S::Provisioning))
        .seeing(deployed_node(N::Available, PowerState::Off))
        .with(|observation| observation.iscsi_credentials = chap_secret(secret));
    let Step::Enter(Transition::Provision(intent)) = planned(&observation).step else {
        panic!("no other intent")
    };
    assert_eq!(intent.deployment_id, FRESH);
    let next = observe(after(&observation).host)
        .seeing(deployed_node(N::Available, PowerState::Off))
        .with(|next| {
            next.iscsi_credentials = observation.iscsi_credentials.clone();
            next.seen().connectors = vec![connector(INITIATOR)];
            next.seen().targets = vec![target(NODE, DEPLOYMENT, "7")];
        });
    expect(
        &next,
        "act: DeleteTarget CreateTarget(vol-1) Validate SetProvisionState(active)",
    );
}

#[rstest]
#[case(S::Provisioned)]
#[case(S::Deprovisioning)]
fn an_adoption_uses_the_present_credentials_and_records_them_before(#[case] state: S) {
    let adopted = |host: BareMetalHost| {
        observe(host)
            .seeing(deployed_node(N::Manageable, PowerState::On))
            .with(|observation| {
                observation.seen().connectors = vec![connector(INITIATOR)];
                observation.iscsi_credentials = chap_secret(chap("8"));
            })
    };
    let first = adopted(host(state));
    expect(&first, "enter: with the present credentials");
    let next = after(&first);
    assert_eq!(next.events[0].reason.as_str(), "CredentialsChanged");
    assert_eq!(next.host.state(), state);
    expect(
        &adopted(next.host),
        "act: CreateTarget(vol-1) Validate SetProvisionState(adopt)",
    );
}

#[test]
fn a_label_on_the_secret_is_no_change() {
    let observation = observe(host(S::Provisioning))
        .seeing(deployed_node(N::Available, PowerState::Off))
        .with(|observation| {
            observation.seen().connectors = vec![connector(INITIATOR)];
            observation.seen().targets = vec![target(NODE, DEPLOYMENT, "7")];
        });
    expect(&observation, "act: Validate SetProvisionState(active)");
}
