//! What the operator may do: all that it does, and no more.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use e2e::{Scenario, run};
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
    SelfSubjectRulesReview, SelfSubjectRulesReviewSpec,
};
use k8s_openapi::api::rbac::v1::ClusterRole;
use kube::Client;
use kube::api::{Api, PostParams};

/// Verbs, group and resource.
const MAY: &[(&str, &str, &str)] = &[
    ("get list watch patch", "metal3.io", "baremetalhosts"),
    ("patch", "metal3.io", "baremetalhosts/status"),
    ("get patch", "metal3.io", "hardwaredata"),
    ("get list watch patch", "", "secrets"),
    ("create", "events.k8s.io", "events"),
];

const MAY_NOT: &[(&str, &str, &str)] = &[
    (
        "create update delete deletecollection",
        "metal3.io",
        "baremetalhosts",
    ),
    ("update", "metal3.io", "baremetalhosts/status"),
    ("create update delete", "metal3.io", "hardwaredata"),
    ("create update delete deletecollection", "", "secrets"),
    ("get list patch delete", "events.k8s.io", "events"),
    ("create", "", "events"),
    ("get list create delete", "", "pods"),
    ("create", "", "pods/exec"),
    ("create", "", "serviceaccounts/token"),
    ("get list create patch", "", "configmaps"),
    ("get list create delete", "", "namespaces"),
    (
        "get list watch create patch update delete",
        "coordination.k8s.io",
        "leases",
    ),
    (
        "get patch",
        "apiextensions.k8s.io",
        "customresourcedefinitions",
    ),
    (
        "create patch bind escalate",
        "rbac.authorization.k8s.io",
        "clusterroles",
    ),
    ("impersonate", "", "users"),
];

/// In its own namespace, and nowhere else.
const LEASES: &str = "get list watch create patch delete";

#[test]
fn the_operator_may_do_what_it_does_and_nothing_else() -> Result<()> {
    run("rbac", async |test| {
        let operator = test.cluster.as_operator().await?;
        for (cases, expected) in [(MAY, true), (MAY_NOT, false)] {
            for (verbs, group, resource) in cases {
                for verb in verbs.split(' ') {
                    let allowed =
                        allowed(&operator, &test.namespace, verb, group, resource).await?;
                    ensure!(
                        allowed == expected,
                        "{verb} {group}/{resource}: allowed is {allowed}"
                    );
                }
            }
        }
        for (verbs, expected) in [(LEASES, true), ("update deletecollection", false)] {
            for verb in verbs.split(' ') {
                let group = "coordination.k8s.io";
                let allowed = allowed(&operator, "ironboot-system", verb, group, "leases").await?;
                ensure!(allowed == expected, "{verb} leases: allowed is {allowed}");
            }
        }
        let expected: BTreeSet<_> = MAY
            .iter()
            .flat_map(|(verbs, group, resource)| {
                verbs
                    .split(' ')
                    .map(move |verb| format!("{verb} {group}/{resource}"))
            })
            .collect();
        ensure!(
            of_the_role(test)? == expected,
            "deploy/rbac/role.yaml says otherwise: {:?}",
            of_the_role(test)?
        );
        // The key of the installation: it is made, and read by name.
        let own = "ironboot-system";
        for (verb, expected) in [("create", true), ("update", false), ("delete", false)] {
            let allowed = allowed(&operator, own, verb, "", "secrets").await?;
            ensure!(
                allowed == expected,
                "{verb} secrets in {own}: allowed is {allowed}"
            );
        }
        let granted = granted(&operator, &test.namespace).await?;
        ensure!(
            granted == expected,
            "the ServiceAccount has other rights: {granted:?}"
        );
        Ok(())
    })
}

async fn allowed(
    operator: &Client,
    namespace: &str,
    verb: &str,
    group: &str,
    resource: &str,
) -> Result<bool> {
    let (resource, subresource) = match resource.split_once('/') {
        Some((resource, subresource)) => (resource, Some(subresource.to_owned())),
        None => (resource, None),
    };
    let review = SelfSubjectAccessReview {
        spec: SelfSubjectAccessReviewSpec {
            resource_attributes: Some(ResourceAttributes {
                namespace: Some(namespace.to_owned()),
                verb: Some(verb.to_owned()),
                group: Some(group.to_owned()),
                resource: Some(resource.to_owned()),
                subresource,
                ..ResourceAttributes::default()
            }),
            ..SelfSubjectAccessReviewSpec::default()
        },
        ..SelfSubjectAccessReview::default()
    };
    let review = Api::all(operator.clone())
        .create(&PostParams::default(), &review)
        .await
        .context("the review was refused")?;
    Ok(review.status.context("the review has no result")?.allowed)
}

/// What the API server counts up, without what everybody may do (reviews of oneself).
async fn granted(operator: &Client, namespace: &str) -> Result<BTreeSet<String>> {
    let review = SelfSubjectRulesReview {
        spec: SelfSubjectRulesReviewSpec {
            namespace: Some(namespace.to_owned()),
        },
        ..SelfSubjectRulesReview::default()
    };
    let review: SelfSubjectRulesReview = Api::all(operator.clone())
        .create(&PostParams::default(), &review)
        .await
        .context("the review was refused")?;
    let status = review.status.context("the review has no result")?;
    Ok(status
        .resource_rules
        .iter()
        .flat_map(|rule| {
            rights(
                &rule.verbs,
                rule.api_groups.as_deref().unwrap_or_default(),
                rule.resources.as_deref().unwrap_or_default(),
            )
        })
        .filter(|right| {
            !right.contains("authorization.k8s.io/self")
                && !right.contains("authentication.k8s.io/self")
        })
        .collect())
}

/// Each rule names its verbs and its kinds.
fn of_the_role(test: &Scenario) -> Result<BTreeSet<String>> {
    let file = test.cluster.file("deploy/rbac/role.yaml")?;
    let role: ClusterRole = serde_saphyr::from_str(&file).context("the role can't be read")?;
    let rules = role.rules.unwrap_or_default();
    for rule in &rules {
        ensure!(rule.non_resource_urls.is_none(), "{rule:?}");
        for names in [
            Some(&rule.verbs),
            rule.api_groups.as_ref(),
            rule.resources.as_ref(),
        ] {
            let names = names.context("a rule leaves something out")?;
            ensure!(
                !names.is_empty() && !names.iter().any(|name| name.contains('*')),
                "{rule:?}"
            );
        }
    }
    Ok(rules
        .iter()
        .flat_map(|rule| {
            rights(
                &rule.verbs,
                rule.api_groups.as_deref().unwrap_or_default(),
                rule.resources.as_deref().unwrap_or_default(),
            )
        })
        .collect())
}

fn rights(verbs: &[String], groups: &[String], resources: &[String]) -> Vec<String> {
    let mut rights = Vec::new();
    for verb in verbs {
        for group in groups {
            rights.extend(
                resources
                    .iter()
                    .map(|resource| format!("{verb} {group}/{resource}")),
            );
        }
    }
    rights
}
