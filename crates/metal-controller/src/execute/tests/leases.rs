//! Leases on a Kubernetes in memory: all or none, and never on the word of an old cache.

use ironic_types::PowerTarget;
use metal_api::v1alpha1::BareMetalHost;
use metal_plan::{HeldLease, LeaseClaim, lease_holder, needed_leases};
use serde_json::{Value, json};

use super::*;
use crate::clock::Clock;
use crate::testing::{Key, Kubernetes, Part};

const OTHER: &str = "metal/node-1/52:54:00:e2:e0:02";

/// A host that is to be deployed, or is.
fn host(state: &str) -> BareMetalHost {
    let target = json!({"iqn": "iqn.2026-11.org.example:vol-1", "portal": "192.0.2.1:3260", "lun": 1, "lunMapping": "Shared"});
    let mut host = json!({
        "metadata": {"namespace": "metal", "name": "node-0", "uid": "uid-0"},
        "spec": {
            "online": true,
            "bootMACAddress": "52:54:00:E2:E0:01",
            "bootVolume": {
                "volumeId": "vol-1", "volumeDriver": "external", "iscsiTarget": target,
                "connectorId": "iqn.2026-11.org.example:node-0",
            },
        },
        "status": {
            "provisioning": {"state": state, "ID": ""}, "errorMessage": "", "poweredOn": false,
            "operationalStatus": "OK", "errorCount": 0, "provisioningFailCount": 0,
        },
    });
    if state == "provisioned" {
        host["status"]["provisioning"]["bootVolume"] = json!({
            "volumeId": "vol-1", "volumeDriver": "external", "targetType": "iscsi",
            "connectorId": "iqn.2026-11.org.example:node-0", "iscsiTarget": target, "deploymentId": "1",
        });
    }
    serde_json::from_value(host).unwrap()
}

fn key(name: &str) -> Key {
    Key {
        plural: "leases".to_owned(),
        namespace: "ironboot-system".to_owned(),
        name: name.to_owned(),
    }
}

struct Leases {
    bench: Bench,
    kubernetes: Kubernetes,
    names: [String; 3],
}

impl Leases {
    async fn begin() -> Self {
        let kubernetes = Kubernetes::new(Clock::System);
        let bench = bench_with(kubernetes.client()).await;
        let names = needed_leases(&host("available")).into_iter();
        let names: Vec<_> = names.map(|lease| lease.name).collect();
        Self {
            bench,
            kubernetes,
            names: names.try_into().unwrap(),
        }
    }

    /// By another's hands, and not told by the watch yet.
    fn plant(&self, index: usize, holder: &str) {
        let lease = json!({"metadata": {}, "spec": {"holderIdentity": holder}});
        self.kubernetes.create(&key(&self.names[index]), lease);
    }

    async fn take(&self, over: Option<&str>) -> Outcome {
        let host = host("available");
        let claims = needed_leases(&host).into_iter();
        let claims = claims.map(|lease| LeaseClaim {
            name: lease.name,
            volume: lease.volume,
            over: over.map(str::to_owned),
        });
        let effect = Effect::TakeLeases {
            claims: claims.collect(),
            holder: lease_holder(&host),
        };
        self.bench.act_for(host, vec![effect]).await.remove(0)
    }

    async fn give_back(&self, version: &str) -> Outcome {
        let leases = self.names.iter().map(|name| HeldLease {
            name: name.clone(),
            version: version.to_owned(),
        });
        let effect = Effect::GiveBackLeases {
            leases: leases.collect(),
        };
        let outcomes = self.bench.act_for(host("available"), vec![effect]).await;
        outcomes.into_iter().next().unwrap()
    }

    fn lease(&self, index: usize) -> Value {
        self.kubernetes
            .get(&key(&self.names[index]))
            .unwrap_or_default()
    }

    fn holders(&self) -> [Value; 3] {
        [0, 1, 2].map(|index| self.lease(index)["spec"]["holderIdentity"].clone())
    }
}

fn own() -> Value {
    lease_holder(&host("available")).into()
}

#[tokio::test]
async fn a_lease_tells_people_and_machines_whose_it_is_and_never_expires() {
    let leases = Leases::begin().await;
    assert_eq!(leases.take(None).await, Outcome::Done);
    assert_eq!(leases.holders(), [own(), own(), own()]);
    let lease = leases.lease(1);
    assert_eq!(
        lease["metadata"]["labels"]["ironboot.io/volume-lease"],
        "true"
    );
    assert_eq!(
        lease["metadata"]["labels"]["ironboot.io/host-namespace"],
        "metal"
    );
    assert_eq!(
        lease["metadata"]["labels"]["ironboot.io/host-name"],
        "node-0"
    );
    assert_eq!(
        lease["metadata"]["annotations"]["ironboot.io/host-uid"],
        "uid-0"
    );
    let volume = lease["metadata"]["annotations"]["ironboot.io/volume"].as_str();
    assert!(volume.unwrap().contains("iqn.2026-11.org.example:vol-1"));
    assert_eq!(lease["spec"]["leaseDurationSeconds"], Value::Null);
}

#[tokio::test]
async fn who_finds_the_second_taken_gives_the_first_back_at_once() {
    let leases = Leases::begin().await;
    leases.plant(1, OTHER);
    assert_eq!(leases.take(None).await, Outcome::LeasesChanged);
    assert_eq!(leases.holders(), [Value::Null, OTHER.into(), Value::Null]);
}

#[tokio::test]
async fn what_was_taken_before_an_answer_was_lost_is_the_hosts() {
    let leases = Leases::begin().await;
    leases.plant(0, own().as_str().unwrap());
    assert_eq!(leases.take(None).await, Outcome::Done);
    assert_eq!(leases.holders(), [own(), own(), own()]);
}

#[tokio::test]
async fn who_takes_over_is_refused_if_anything_was_changed_since() {
    let leases = Leases::begin().await;
    leases.plant(0, OTHER);
    let version = leases.lease(0)["metadata"]["resourceVersion"].clone();
    let overtake = json!({"metadata": {"annotations": {"ironboot.io/fenced": ""}}});
    leases
        .kubernetes
        .edit(&key(&leases.names[0]), Part::Main, |lease| {
            json_patch::merge(lease, &overtake);
        });
    let outcome = leases.take(version.as_str()).await;
    assert_eq!(outcome, Outcome::LeasesChanged);
    assert_eq!(leases.holders()[0], OTHER);
}

#[tokio::test]
async fn a_fence_ends_with_the_lease_that_it_is_about() {
    let leases = Leases::begin().await;
    leases.plant(0, OTHER);
    leases
        .kubernetes
        .edit(&key(&leases.names[0]), Part::Main, |lease| {
            let fenced = json!({"metadata": {"annotations": {"ironboot.io/fenced": OTHER}}});
            json_patch::merge(lease, &fenced);
        });
    let version = leases.lease(0)["metadata"]["resourceVersion"].clone();
    // The others are not there to be taken over.
    let outcome = leases.take(version.as_str()).await;
    assert_eq!(outcome, Outcome::LeasesChanged);
    // And the first, which nobody holds any more, is free.
    assert_eq!(leases.holders(), [Value::Null, Value::Null, Value::Null]);
}

#[tokio::test]
async fn what_is_given_back_must_be_as_it_was_seen() {
    let leases = Leases::begin().await;
    leases.take(None).await;
    assert_eq!(leases.give_back("0").await, Outcome::LeasesChanged);
    assert_eq!(leases.holders(), [own(), own(), own()]);
}

#[rstest::rstest]
#[case::nobodys(None)]
#[case::anothers(Some(OTHER))]
#[tokio::test]
async fn no_machine_is_started_from_a_volume_on_the_word_of_an_old_cache(
    #[case] holder: Option<&str>,
) {
    let leases = Leases::begin().await;
    leases.take(None).await;
    leases.kubernetes.delete(&key(&leases.names[1]));
    if let Some(holder) = holder {
        leases.plant(1, holder);
    }
    let on = Effect::SetPower {
        node: node(),
        target: PowerTarget::On,
        timeout: None,
    };
    let outcomes = leases.bench.act_for(host("provisioned"), vec![on]).await;
    assert_eq!(outcomes, [Outcome::LeasesChanged]);
    assert_eq!(leases.bench.count("PUT /v1/nodes/{node}/states/power"), 0);
}

#[tokio::test]
async fn nothing_is_given_back_of_a_machine_that_was_switched_on_since() {
    let leases = Leases::begin().await;
    leases.take(None).await;
    let on = SetPowerState {
        node: node(),
        target: PowerTarget::On,
        timeout: None,
    };
    leases.bench.sim.send(&on).unwrap();
    leases.bench.sim.settle(Duration::from_mins(1));
    let outcome = leases.give_back("0").await;
    assert!(matches!(outcome, Outcome::Overtaken { .. }), "{outcome:?}");
}
