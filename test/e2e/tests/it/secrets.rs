//! The search that ends every test finds what it looks for.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use e2e::{Secrets, run};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Api, DeleteParams, ObjectMeta, PostParams};

#[test]
fn a_secret_in_an_object_of_any_kind_is_found() -> Result<()> {
    run("secrets", async |test| {
        let secret = Secrets::fresh(16);
        let data = [("username", "node-0"), ("password", secret.as_str())];
        test.plant("chap", "kubernetes.io/iscsi-chap", &data)
            .await?;
        ensure!(
            test.leaks().await?.is_empty(),
            "it may be in its own Secret"
        );

        let leak = ConfigMap {
            metadata: ObjectMeta {
                name: Some("leak".to_owned()),
                ..ObjectMeta::default()
            },
            data: Some(BTreeMap::from([(
                "script".to_owned(),
                format!("set password {secret}"),
            )])),
            ..ConfigMap::default()
        };
        let maps: Api<ConfigMap> = Api::namespaced(test.cluster.client.clone(), &test.namespace);
        maps.create(&PostParams::default(), &leak)
            .await
            .context("no leak was made")?;
        let copy = [("token", secret.as_str())];
        test.cluster
            .make_secret(&test.namespace, "copy", "Opaque", &copy)
            .await?;
        let places: Vec<_> = test
            .leaks()
            .await?
            .into_iter()
            .map(|leak| leak.place)
            .collect();
        for place in ["ConfigMap", "Secret"] {
            ensure!(
                places.iter().any(|found| found.starts_with(place)),
                "{place}: {places:?}"
            );
        }

        maps.delete("leak", &DeleteParams::default())
            .await
            .context("the leak stays")?;
        test.cluster.delete_secret(&test.namespace, "copy").await
    })
}
