//! The search for planted secrets in everything that Kubernetes holds.

use anyhow::{Context, Result, ensure};
use kube::api::{DynamicObject, ListParams};
use kube::discovery::{Discovery, verbs};
use kube::{Api, Client, ResourceExt};

use crate::planted::{Finding, Planted};

/// Searches every object of every kind that can be listed; a Secret may hold what was planted in it.
pub(crate) async fn kubernetes(client: &Client, planted: &Planted) -> Result<Vec<Finding>> {
    let discovery = Discovery::new(client.clone())
        .run()
        .await
        .context("failed to find out which kinds there are")?;
    let mut findings = Vec::new();
    let mut hosts_and_events = 0;
    for (kind, capabilities) in discovery
        .groups()
        .flat_map(kube::discovery::ApiGroup::recommended_resources)
    {
        if !capabilities.supports_operation(verbs::LIST) {
            continue;
        }
        let objects: Api<DynamicObject> = Api::all_with(client.clone(), &kind);
        let objects = objects
            .list(&ListParams::default())
            .await
            .with_context(|| format!("failed to list {}", kind.plural))?;
        if matches!(kind.plural.as_str(), "baremetalhosts" | "events") {
            hosts_and_events += 1;
        }
        for object in objects {
            let text = serde_json::to_string(&object).context("an object is no JSON")?;
            let name = format!(
                "{}/{}",
                object.namespace().unwrap_or_default(),
                object.name_any()
            );
            findings.extend(if kind.plural == "secrets" {
                planted.search_secret(&name, &text)
            } else {
                planted.search(&format!("{} {name}", kind.kind), &text)
            });
        }
    }
    ensure!(
        hosts_and_events >= 3,
        "hosts and both kinds of events must be among the kinds that were searched"
    );
    Ok(findings)
}
