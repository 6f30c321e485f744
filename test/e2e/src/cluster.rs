//! The Kubernetes API: as an administrator, and as the operator's `ServiceAccount`.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{Namespace, Secret, ServiceAccount};
use k8s_openapi::api::events::v1::Event;
use kube::api::{DeleteParams, ListParams, ObjectMeta, Patch, PatchParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config, ResourceExt};
use metal_api::names;
use metal_api::v1alpha1::BareMetalHost;
use serde_json::{Value, json};

use crate::environment::Environment;
use crate::scenario::RELEASE;
use crate::stack;
use crate::wait::until;

const OPERATOR: &str = "ironboot";
const OPERATOR_NAMESPACE: &str = "ironboot-system";

/// The Kubernetes API, for an administrator.
#[derive(Clone)]
pub struct Cluster {
    /// A client with all rights.
    pub client: Client,
    environment: Environment,
}

impl Cluster {
    /// Reads the administrator's kubeconfig.
    pub async fn connect(environment: &Environment) -> Result<Self> {
        let kubeconfig = Kubeconfig::read_from(&environment.kubeconfig)
            .context("failed to read the administrator's kubeconfig")?;
        Ok(Self {
            client: client(kubeconfig).await?,
            environment: environment.clone(),
        })
    }

    /// Applies `deploy/`, as a user would.
    pub async fn deploy(&self) -> Result<()> {
        let mut kubectl = Command::new("kubectl");
        kubectl.args(["apply", "-k"]);
        kubectl.env("KUBECONFIG", &self.environment.kubeconfig);
        stack::output(kubectl.arg(self.environment.root.join("deploy")), "")?;
        let hosts: Api<BareMetalHost> = Api::all(self.client.clone());
        until("hosts are served", Duration::from_secs(30), async || {
            Ok(hosts.list(&ListParams::default()).await.ok())
        })
        .await?;
        Ok(())
    }

    /// Makes a namespace that no other test has.
    pub async fn make_namespace(&self, name: &str) -> Result<()> {
        let namespace = Namespace {
            metadata: ObjectMeta {
                name: Some(name.to_owned()),
                ..ObjectMeta::default()
            },
            ..Namespace::default()
        };
        Api::all(self.client.clone())
            .create(&PostParams::default(), &namespace)
            .await
            .with_context(|| format!("failed to make namespace {name}"))?;
        Ok(())
    }

    /// Makes a Secret.
    pub async fn make_secret(
        &self,
        namespace: &str,
        name: &str,
        type_: &str,
        data: &[(&str, &str)],
    ) -> Result<()> {
        let pairs = data
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let secret = Secret {
            metadata: ObjectMeta {
                name: Some(name.to_owned()),
                ..ObjectMeta::default()
            },
            type_: Some(type_.to_owned()),
            string_data: Some(pairs.collect::<BTreeMap<_, _>>()),
            ..Secret::default()
        };
        self.secrets(namespace)
            .create(&PostParams::default(), &secret)
            .await
            .with_context(|| format!("failed to make Secret {name}"))?;
        Ok(())
    }

    /// Changes values of a Secret; the others stay.
    pub async fn change_secret(&self, namespace: &str, name: &str, change: Value) -> Result<()> {
        self.secrets(namespace)
            .patch(name, &PatchParams::default(), &Patch::Merge(change))
            .await
            .with_context(|| format!("failed to change Secret {name}"))?;
        Ok(())
    }

    /// Deletes a Secret.
    pub async fn delete_secret(&self, namespace: &str, name: &str) -> Result<()> {
        self.secrets(namespace)
            .delete(name, &DeleteParams::default())
            .await
            .with_context(|| format!("failed to delete Secret {name}"))?;
        Ok(())
    }

    /// Deletes a Secret whatever guards it, as a loss would.
    pub async fn lose_secret(&self, namespace: &str, name: &str) -> Result<()> {
        let unguarded = json!({ "metadata": { "finalizers": null } });
        self.change_secret(namespace, name, unguarded).await?;
        self.delete_secret(namespace, name).await
    }

    /// Waits until no Secret of a namespace is guarded: nobody uses one any more.
    pub(crate) async fn unguarded(&self, namespace: &str) -> Result<()> {
        until("no Secret is guarded", RELEASE, async || {
            let secrets = self
                .secrets(namespace)
                .list_metadata(&ListParams::default())
                .await
                .context("failed to list Secrets")?;
            let is_guarded = secrets.iter().any(|secret| {
                secret
                    .finalizers()
                    .iter()
                    .any(|it| it == names::SECRET_GUARD_FINALIZER)
            });
            Ok((!is_guarded).then_some(()))
        })
        .await
    }

    /// Deletes all Secrets of a namespace.
    pub(crate) async fn delete_secrets(&self, namespace: &str) -> Result<()> {
        self.secrets(namespace)
            .delete_collection(&DeleteParams::default(), &ListParams::default())
            .await
            .context("failed to delete the Secrets")?;
        Ok(())
    }

    /// Hosts of a namespace.
    pub fn hosts(&self, namespace: &str) -> Api<BareMetalHost> {
        Api::namespaced(self.client.clone(), namespace)
    }

    /// The Leases of volumes.
    pub fn volume_leases(&self) -> Api<Lease> {
        Api::namespaced(self.client.clone(), OPERATOR_NAMESPACE)
    }

    /// Who holds volumes, one entry for each Lease.
    pub async fn volume_holders(&self) -> Result<Vec<String>> {
        let leases = self.volume_leases();
        let leases = leases.list(&of_volumes()).await;
        let leases = leases.context("failed to list Leases")?.into_iter();
        Ok(leases
            .filter_map(|lease| lease.spec?.holder_identity)
            .collect())
    }

    /// Says of all Leases of a holder that it is fenced, as an administrator who pulled its plug. Returns how many it has.
    pub async fn fence(&self, holder: &str, value: &str) -> Result<usize> {
        let leases = self.volume_leases();
        let mut fenced = 0;
        for lease in leases.list(&of_volumes()).await? {
            let spec = lease.spec.as_ref();
            if spec.and_then(|spec| spec.holder_identity.as_deref()) != Some(holder) {
                continue;
            }
            let fence =
                json!({ "metadata": { "annotations": { names::FENCED_ANNOTATION: value } } });
            let (name, params) = (lease.name_any(), PatchParams::default());
            let patched = leases.patch(&name, &params, &Patch::Merge(fence)).await;
            patched.context("the fence is refused")?;
            fenced += 1;
        }
        Ok(fenced)
    }

    /// Deletes all Leases of volumes: those of hosts that were given up stay otherwise, and keep the next test from them.
    pub(crate) async fn delete_volume_leases(&self) -> Result<()> {
        self.volume_leases()
            .delete_collection(&DeleteParams::default(), &of_volumes())
            .await
            .context("failed to delete the Leases")?;
        Ok(())
    }

    /// The events of a namespace: reason and note.
    pub async fn events(&self, namespace: &str) -> Result<Vec<(String, String)>> {
        let events: Api<Event> = Api::namespaced(self.client.clone(), namespace);
        let events = events
            .list(&ListParams::default())
            .await
            .context("failed to list events")?;
        Ok(events
            .into_iter()
            .map(|event| {
                (
                    event.reason.unwrap_or_default(),
                    event.note.unwrap_or_default(),
                )
            })
            .collect())
    }

    /// A file of the checkout.
    pub fn file(&self, path: &str) -> Result<String> {
        let path = self.environment.root.join(path);
        std::fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))
    }

    /// A new token of the operator's `ServiceAccount`.
    pub async fn operator_token(&self) -> Result<String> {
        let accounts: Api<ServiceAccount> =
            Api::namespaced(self.client.clone(), OPERATOR_NAMESPACE);
        let request = TokenRequest {
            spec: TokenRequestSpec {
                audiences: vec!["https://localhost".to_owned()],
                expiration_seconds: Some(3600),
                ..TokenRequestSpec::default()
            },
            ..TokenRequest::default()
        };
        let answer = accounts
            .create_token_request(OPERATOR, &PostParams::default(), &request)
            .await
            .context("failed to get a token for the operator")?;
        Ok(answer.status.context("no token was given")?.token)
    }

    /// A client with the operator's rights, and no others.
    pub async fn as_operator(&self) -> Result<Client> {
        let text = self.kubeconfig_with(&self.operator_token().await?)?;
        client(Kubeconfig::from_yaml(&text).context("the operator's kubeconfig can't be read")?)
            .await
    }

    /// Writes a kubeconfig with the operator's rights.
    pub(crate) fn write_kubeconfig(&self, token: &str, file: &Path) -> Result<()> {
        let text = self.kubeconfig_with(token)?;
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(file)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .with_context(|| format!("failed to write {}", file.display()))
    }

    fn kubeconfig_with(&self, token: &str) -> Result<String> {
        let text = std::fs::read_to_string(&self.environment.kubeconfig)
            .context("failed to read the administrator's kubeconfig")?;
        let mut kubeconfig: Value =
            serde_saphyr::from_str(&text).context("the administrator's kubeconfig is no YAML")?;
        ensure!(kubeconfig["users"][0]["user"].is_object(), "it has no user");
        kubeconfig["users"][0]["user"] = json!({ "token": token });
        Ok(kubeconfig.to_string()) // JSON is YAML
    }

    fn secrets(&self, namespace: &str) -> Api<Secret> {
        Api::namespaced(self.client.clone(), namespace)
    }

    /// Whether there is a host in any namespace.
    pub async fn has_hosts(&self) -> Result<bool> {
        let hosts: Api<BareMetalHost> = Api::all(self.client.clone());
        Ok(!hosts.list(&ListParams::default()).await?.items.is_empty())
    }

    /// Takes all finalizers from all hosts of all namespaces, and deletes them.
    pub(crate) async fn delete_hosts_by_force(&self) -> Result<()> {
        let all: Api<BareMetalHost> = Api::all(self.client.clone());
        for host in all.list(&ListParams::default()).await? {
            let hosts = self.hosts(&host.namespace().unwrap_or_default());
            let name = host.name_any();
            let nothing = Patch::Merge(json!({ "metadata": { "finalizers": null } }));
            hosts
                .patch(&name, &PatchParams::default(), &nothing)
                .await?;
            // The first of the two may have ended it already.
            drop(hosts.delete(&name, &DeleteParams::default()).await);
        }
        Ok(())
    }
}

fn of_volumes() -> ListParams {
    ListParams::default().labels(&format!("{}=true", names::VOLUME_LEASE_LABEL))
}

async fn client(kubeconfig: Kubeconfig) -> Result<Client> {
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
        .await
        .context("the kubeconfig can't be used")?;
    Client::try_from(config).context("failed to set up the client")
}
