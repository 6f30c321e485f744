//! Config drives of hosts on a Kubernetes in memory.

mod answers;
mod server;

use std::sync::Arc;

use ironic_client::Ironic;
use ironic_client::watch::{WatchSettings, watch};
use k8s_openapi::ByteString;
use rstest::rstest;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::answers::Answers;
use super::*;
use crate::clock::Clock;
use crate::context::Setup;
use crate::credentials::Secrets;
use crate::health::Health;
use crate::metrics::Metrics;
use crate::testing::{Key, Kubernetes, NAMESPACE, Part};

const NAME: &str = "node-0";

/// A word that nothing else holds.
const PLANTED: &str = "zebra-of-the-user-data";

/// A Kubernetes with a host and its Secrets, and an operator that does nothing by itself.
struct World {
    kubernetes: Kubernetes,
    context: Context,
}

impl World {
    fn begin() -> Self {
        Self::at(Some("https://ironboot.example:9444"))
    }

    fn at(url: Option<&str>) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let kubernetes = Kubernetes::new(Clock::System);
        let nowhere = "http://127.0.0.1:1".parse().unwrap();
        let ironic = Ironic::builder(nowhere).build().unwrap();
        let (inventory, _) = watch(ironic.clone(), WatchSettings::default());
        let kube = kubernetes.client();
        let secrets = Secrets::new(kube.clone(), "ironboot-system".to_owned());
        let setup = Setup {
            kube,
            ironic,
            settings: crate::testing::planner_settings(),
            namespace: None,
            secrets: secrets.into(),
            config_drive_url: url.map(|url| url.parse().unwrap()),
            metrics: Metrics::new().unwrap(),
            health: Health::default(),
        };
        let world = Self {
            kubernetes,
            context: Context::new(setup, inventory),
        };
        world.secret("user-data", &[("value", PLANTED)]);
        world.secret("network-data", &[("networkData", "links: []")]);
        world.secret("meta-data", &[("metaData", "a: b")]);
        world.host(&json!({
            "userData": {"name": "user-data"},
            "networkData": {"name": "network-data", "namespace": NAMESPACE},
            "metaData": {"name": "meta-data", "namespace": ""},
        }));
        world
    }

    /// Creates the host, or changes its spec.
    fn host(&self, spec: &Value) {
        let key = key("baremetalhosts", NAME);
        if self.kubernetes.get(&key).is_none() {
            let host = json!({
                "apiVersion": "metal3.io/v1alpha1", "kind": "BareMetalHost",
                "metadata": {"name": NAME, "namespace": NAMESPACE}, "spec": {"online": true},
            });
            self.kubernetes.create(&key, host);
        }
        self.kubernetes.edit(&key, Part::Main, |host| {
            json_patch::merge(&mut host["spec"], spec);
        });
    }

    /// Creates a Secret, or changes what is in it.
    fn secret(&self, name: &str, data: &[(&str, &str)]) {
        let key = key("secrets", name);
        let data: Value = data
            .iter()
            .map(|(key, text)| ((*key).to_owned(), json!(ByteString(text.as_bytes().into()))))
            .collect::<serde_json::Map<_, _>>()
            .into();
        if self.kubernetes.get(&key).is_none() {
            let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {}});
            self.kubernetes.create(&key, secret);
        }
        self.kubernetes
            .edit(&key, Part::Main, |secret| secret["data"] = data);
    }

    fn read(&self) -> BareMetalHost {
        let host = self.kubernetes.get(&key("baremetalhosts", NAME)).unwrap();
        serde_json::from_value(host).unwrap()
    }

    async fn facts(&self) -> ConfigDriveFacts {
        facts(&self.context, &self.read()).await.unwrap()
    }

    async fn fingerprint(&self) -> Fingerprint {
        match self.facts().await {
            ConfigDriveFacts::Usable { fingerprint } => fingerprint,
            facts => panic!("{facts:?}"),
        }
    }

    /// What another replica of the operator answers.
    fn answers(&self) -> Answers {
        Answers::new(
            self.kubernetes.client(),
            self.other_replica(),
            self.context.config_drive_url.as_ref().unwrap(),
            self.context.metrics.clone(),
        )
    }

    fn other_replica(&self) -> Arc<Secrets> {
        let kube = self.kubernetes.client();
        Arc::new(Secrets::new(kube, "ironboot-system".to_owned()))
    }

    /// Where Ironic would get the drive as it is now: the path of a URL.
    async fn path(&self) -> String {
        let url = self.url(&self.fingerprint().await).await.unwrap();
        url.parse::<url::Url>().unwrap().path().to_owned()
    }

    async fn url(&self, expected: &Fingerprint) -> Option<String> {
        let url = url(&self.context, &self.read(), expected).await.unwrap();
        url.map(|url| url.expose_secret().to_owned())
    }
}

fn key(plural: &str, name: &str) -> Key {
    Key {
        plural: plural.to_owned(),
        namespace: NAMESPACE.to_owned(),
        name: name.to_owned(),
    }
}

fn missing(field: &'static str) -> ConfigDriveFacts {
    ConfigDriveFacts::SecretMissing {
        field,
        secret: "nobody".to_owned(),
    }
}

#[tokio::test]
async fn a_drive_is_told_by_a_fingerprint_under_the_installations_key() {
    let world = World::begin();
    let fingerprint = world.fingerprint().await;
    assert_eq!(fingerprint.as_str().len(), 8 + 1 + 64);
    assert_eq!(world.fingerprint().await, fingerprint);
    let other_installation = World::begin().fingerprint().await;
    let id = |fingerprint: &Fingerprint| fingerprint.as_str()[..8].to_owned();
    assert_ne!(id(&other_installation), id(&fingerprint));
}

#[rstest]
#[case("user-data", "userData")]
#[case("network-data", "networkData")]
#[case("meta-data", "metaData")]
#[tokio::test]
async fn each_secret_counts(#[case] secret: &str, #[case] key: &str) {
    let world = World::begin();
    let before = world.fingerprint().await;
    world.secret(secret, &[(key, "c: d")]);
    assert_ne!(world.fingerprint().await, before);
}

#[tokio::test]
async fn a_host_that_names_no_secret_has_a_drive_with_its_name() {
    let world = World::begin();
    world.host(&json!({"userData": null, "networkData": null, "metaData": null}));
    let opened = world.kubernetes.opened();
    world.fingerprint().await;
    // The installation's key was looked for, and nothing else.
    assert_eq!(world.kubernetes.opened(), opened + 1);
}

#[tokio::test]
async fn the_network_data_of_the_ramdisk_is_taken_if_there_is_none_of_its_own() {
    let world = World::begin();
    world.secret("ramdisk", &[("networkData", "links: [of-the-ramdisk]")]);
    let before = world.fingerprint().await;
    world.host(&json!({"preprovisioningNetworkDataName": "ramdisk"}));
    assert_eq!(world.fingerprint().await, before);
    world.host(&json!({"networkData": null}));
    let fallback = world.fingerprint().await;
    assert_ne!(fallback, before);
    world.host(&json!({"networkData": {"name": "ramdisk"}}));
    assert_eq!(world.fingerprint().await, fallback);
}

#[rstest]
#[case(json!({"userData": {"name": "nobody"}}), missing("spec.userData"))]
#[case(json!({"networkData": {"name": "nobody"}}), missing("spec.networkData"))]
#[case(
    json!({"networkData": null, "preprovisioningNetworkDataName": "nobody"}),
    missing("spec.preprovisioningNetworkDataName")
)]
#[case(json!({"metaData": {"name": "nobody"}}), missing("spec.metaData"))]
#[tokio::test]
async fn a_missing_secret_is_told_with_its_field(
    #[case] spec: Value,
    #[case] expected: ConfigDriveFacts,
) {
    let world = World::begin();
    world.host(&spec);
    assert_eq!(world.facts().await, expected);
}

#[rstest]
#[case(json!({"userData": {"name": "user-data", "namespace": "other"}}), "spec.userData", "it is in another namespace")]
#[case(json!({"networkData": {"name": "network-data", "namespace": "other"}}), "spec.networkData", "it is in another namespace")]
#[case(json!({"metaData": {"name": "meta-data", "namespace": "other"}}), "spec.metaData", "it is in another namespace")]
#[case(json!({"userData": {"name": "../../pods"}}), "spec.userData", "no Secret has such a name")]
#[case(json!({"userData": {"namespace": NAMESPACE, "name": null}}), "spec.userData", "no Secret has such a name")]
#[case(json!({"userData": {"name": "planted"}}), "spec.userData", "it has neither the key userData nor the key value")]
#[case(json!({"metaData": {"name": "planted"}}), "spec.metaData", "key metaData can't be read as YAML")]
#[case(json!({"networkData": {"name": "planted"}}), "spec.networkData", "key networkData is no mapping")]
#[case(
    json!({"networkData": null, "preprovisioningNetworkDataName": "planted"}),
    "spec.preprovisioningNetworkDataName",
    "key networkData is no mapping"
)]
#[tokio::test]
async fn a_secret_of_no_use_is_told_with_its_field_and_without_its_content(
    #[case] spec: Value,
    #[case] expected: &str,
    #[case] begins: &str,
) {
    let world = World::begin();
    let unfit = [
        ("metaData", format!("{PLANTED}: [")),
        ("networkData", PLANTED.to_owned()),
    ];
    let unfit: Vec<_> = unfit
        .iter()
        .map(|(key, text)| (*key, text.as_str()))
        .collect();
    world.secret("planted", &unfit);
    world.host(&spec);
    let facts = world.facts().await;
    assert!(!format!("{facts:?}").contains(PLANTED), "{facts:?}");
    let ConfigDriveFacts::SecretInvalid { field, problem, .. } = facts else {
        panic!("{facts:?}");
    };
    assert_eq!(field, expected);
    assert!(problem.starts_with(begins), "{problem}");
}

/// As `NetworkData` in Metal3's `host_config_data.go`.
#[tokio::test]
async fn a_secret_without_network_data_is_none() {
    let world = World::begin();
    world.secret("network-data", &[("something", "else")]);
    let without_key = world.fingerprint().await;
    world.host(&json!({"networkData": null}));
    assert_eq!(world.fingerprint().await, without_key);
}

#[tokio::test]
async fn a_key_of_the_installation_that_is_none_is_told() {
    let world = World::begin();
    let own = Key {
        plural: "secrets".to_owned(),
        namespace: "ironboot-system".to_owned(),
        name: "ironboot-fingerprint-key".to_owned(),
    };
    let secret =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {}, "data": {"key": "c2hvcnQ="}});
    world.kubernetes.create(&own, secret);
    let facts = world.facts().await;
    let ConfigDriveFacts::SecretInvalid {
        secret, problem, ..
    } = facts
    else {
        panic!("{facts:?}");
    };
    assert_eq!(secret, own.name);
    assert!(
        problem.starts_with("in namespace ironboot-system it holds no key"),
        "{problem}"
    );
}

#[tokio::test]
async fn without_an_address_nothing_is_opened() {
    let world = World::at(None);
    assert_eq!(world.facts().await, ConfigDriveFacts::NotServed);
    assert_eq!(world.url(&Fingerprint::new("1", "2")).await, None);
    assert_eq!(world.kubernetes.opened(), 0);
}

#[tokio::test]
async fn a_url_is_given_for_the_drive_that_was_observed() {
    let world = World::begin();
    let fingerprint = world.fingerprint().await;
    let url = world.url(&fingerprint).await.unwrap();
    let folder = "https://ironboot.example:9444/config-drive/metal/node-0/";
    assert!(url.starts_with(&format!("{folder}{fingerprint}/")), "{url}");
    world.secret("user-data", &[("value", "other")]);
    assert_eq!(world.url(&fingerprint).await, None);
    world.host(&json!({"userData": {"name": "nobody"}}));
    assert_eq!(world.url(&fingerprint).await, None);
}
