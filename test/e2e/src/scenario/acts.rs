//! What tests do, and what they wait for.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use kube::ResourceExt;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState};
use serde_json::{Value, json};

use super::{BOOT, DEPLOYMENT, RELEASE, Scenario};
use crate::fakes::{self, Fake};
use crate::machine::{Firmware, Machine};
use crate::operator::{Operator, OperatorFlags};
use crate::planted::{Finding, Secrets};
use crate::progress::step;
use crate::proxy::Proxy;
use crate::scan;
use crate::wait::until;

impl Scenario {
    /// Gives a machine new secrets and a fresh volume, and makes the Secrets. The host is not applied yet.
    pub async fn prepare(&mut self, firmware: Firmware) -> Result<Machine> {
        let mut host = Machine::example(&self.environment, firmware)?;
        host.metadata.namespace = Some(self.namespace.clone());
        let name = host.name_any();
        let machine = Machine {
            marker: format!("{}-{name}", self.namespace),
            console_start: self.stack.console(&name)?.len(),
            bmc_password: self.bmc_password.clone(),
            chap_password: Secrets::fresh(16),
            name,
            host,
        };
        self.stack.set_bmc("admin", &machine.bmc_password)?;
        self.stack.set_chap(
            &machine.volume()?.volume_id,
            &machine.name,
            &machine.chap_password,
        )?;
        self.reset_volume(&machine)?;
        self.plant(
            machine.bmc_secret()?,
            "Opaque",
            &[("username", "admin"), ("password", &machine.bmc_password)],
        )
        .await?;
        self.plant(
            machine.chap_secret()?,
            "kubernetes.io/iscsi-chap",
            &[
                ("username", &machine.name),
                ("password", &machine.chap_password),
            ],
        )
        .await?;
        Ok(machine)
    }

    /// Starts machines that exist in their BMC only, one for each name of a host, and makes the Secret that opens it.
    /// Those of an earlier call are gone. The hosts are not applied yet.
    pub async fn fakes<const N: usize>(&mut self, names: [&str; N]) -> Result<[Fake; N]> {
        let password = Secrets::fresh(20);
        let said = self.stack.start_fakes(N, "admin", &password)?;
        let data = [("username", "admin"), ("password", password.as_str())];
        self.plant(Fake::SECRET, "Opaque", &data).await?;
        fakes::parse(names, &said, &password)
    }

    /// What the BMC was asked to do with a machine's power in this test: Redfish's `ResetType`.
    pub fn power_actions(&self, machine: &str) -> Result<Vec<String>> {
        let journal = self.stack.power_actions()?;
        Ok(journal
            .iter()
            .skip(self.power_actions_before)
            .filter_map(|line| line.strip_prefix(machine)?.strip_prefix(' '))
            .map(str::to_owned)
            .collect())
    }

    /// Only what the machine writes on its console after this counts.
    pub fn turn_page(&self, machine: &mut Machine) -> Result<()> {
        machine.console_start = self.stack.console(&machine.name)?.len();
        Ok(())
    }

    /// Puts a fresh copy of the guest there, with the machine's marker.
    pub fn reset_volume(&self, machine: &Machine) -> Result<()> {
        self.stack
            .reset_volume(&machine.volume()?.volume_id, &machine.marker)
    }

    /// Makes a Secret and remembers what it holds under `password`.
    pub async fn plant(&mut self, name: &str, type_: &str, data: &[(&str, &str)]) -> Result<()> {
        for (_, value) in data.iter().filter(|(key, _)| key.ends_with("password")) {
            self.remember(name, value);
        }
        self.cluster
            .make_secret(&self.namespace, name, type_, data)
            .await
    }

    /// Makes a Secret with user data for a machine: its first line, which the guest shows, is no secret.
    pub async fn plant_user_data(&mut self, name: &str, first_line: &str) -> Result<()> {
        let token = Secrets::fresh(24);
        self.remember(name, &token);
        let text = format!("{first_line}\nbootstrap-token: {token}\n");
        let data = [("value", text.as_str()), ("format", "cloud-config")];
        self.cluster
            .make_secret(&self.namespace, name, "cluster.x-k8s.io/secret", &data)
            .await
    }

    /// Replaces the password in a Secret, in place.
    pub async fn replace_password(&mut self, name: &str, password: &str) -> Result<()> {
        self.remember(name, password);
        let change = json!({ "stringData": { "password": password } });
        self.cluster
            .change_secret(&self.namespace, name, change)
            .await
    }

    fn remember(&mut self, secret: &str, password: &str) {
        let home = format!("{}/{secret}", self.namespace);
        let what = format!("password {} of Secret {secret}", self.planted.len());
        self.planted.add(&what, password, &home);
    }

    /// Starts a proxy before Ironic.
    pub async fn start_proxy(&mut self) -> Result<Proxy> {
        let proxy = Proxy::start(&self.ironic_url).await?;
        self.proxies.push(proxy.clone());
        Ok(proxy)
    }

    /// Starts an operator that talks to Ironic directly.
    pub async fn start_operator(&mut self) -> Result<()> {
        self.start_operator_at(&self.ironic_url.clone(), Duration::from_secs(90))
            .await
    }

    /// Starts an operator that finds Ironic at an address and gives machines some time to shut down.
    pub async fn start_operator_at(&mut self, ironic: &str, shutdown: Duration) -> Result<()> {
        ensure!(self.operator.is_none(), "an operator runs already");
        let number = self.operators.len() + 1;
        let kubeconfig = self.folder.join(format!("operator-{number}.kubeconfig"));
        self.cluster.write_kubeconfig(&self.token, &kubeconfig)?;
        let log = self.folder.join(format!("operator-{number}.log"));
        let flags = OperatorFlags {
            ironic: ironic.to_owned(),
            server: self.environment.server()?,
            certificate: self.environment.certificate(),
            soft_power_off_timeout: shutdown,
        };
        step(format!("  operator starts, its log is {}", log.display()));
        self.operators.push((log.clone(), String::new()));
        let operator =
            Operator::start(&self.environment.operator, &kubeconfig, log, &flags).await?;
        if let Some((_, arguments)) = self.operators.last_mut() {
            operator.arguments().clone_into(arguments);
        }
        self.operator = Some(operator);
        Ok(())
    }

    /// SIGKILL.
    pub fn kill_operator(&mut self) -> Result<()> {
        step("  operator is killed");
        self.operator.take().context("no operator runs")?.kill()
    }

    /// Applies a host.
    pub async fn create(&self, host: &BareMetalHost) -> Result<()> {
        self.cluster
            .hosts(&self.namespace)
            .create(&PostParams::default(), host)
            .await
            .context("the host is refused")?;
        Ok(())
    }

    /// Changes a host's spec.
    pub async fn change_spec(&self, name: &str, spec: Value) -> Result<()> {
        self.cluster
            .hosts(&self.namespace)
            .patch(
                name,
                &PatchParams::default(),
                &Patch::Merge(json!({ "spec": spec })),
            )
            .await
            .context("the change of the host is refused")?;
        Ok(())
    }

    /// Sets an annotation of a host, or removes it.
    pub async fn annotate(&self, name: &str, annotation: &str, value: Option<&str>) -> Result<()> {
        step(match value {
            Some(value) => format!("  annotate {name} {annotation}={value}"),
            None => format!("  annotate {name} without {annotation}"),
        });
        let change = json!({ "metadata": { "annotations": { annotation: value } } });
        self.cluster
            .hosts(&self.namespace)
            .patch(name, &PatchParams::default(), &Patch::Merge(change))
            .await
            .context("the annotation is refused")?;
        Ok(())
    }

    /// A file that Ironic has served to machines; none if it isn't there.
    pub async fn boot_file(&self, path: &str) -> Result<Option<String>> {
        let url = format!("{}/{path}", self.environment.boot_files()?);
        let answer = reqwest::get(&url)
            .await
            .with_context(|| format!("failed to get {url}"))?;
        if answer.status() == reqwest::StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let text = answer.error_for_status()?.text().await?;
        Ok(Some(text))
    }

    /// Waits until a host looks like this.
    pub async fn host(
        &mut self,
        name: &str,
        what: &str,
        limit: Duration,
        wanted: impl Fn(&BareMetalHost) -> bool,
    ) -> Result<BareMetalHost> {
        let hosts = self.cluster.hosts(&self.namespace);
        let (operator, shown) = (&mut self.operator, &mut self.shown);
        let found = until(what, limit, async || {
            operator.as_mut().map_or(Ok(()), Operator::check_alive)?;
            let host = hosts.get(name).await.context("failed to read the host")?;
            let now = summary(&host);
            if now != *shown {
                step(format!("  host     {now}"));
                *shown = now;
            }
            Ok(Some(host).filter(&wanted))
        });
        found.await.with_context(|| format!("host {name}"))
    }

    /// Waits until a host is in this state.
    pub async fn host_in(
        &mut self,
        name: &str,
        state: ProvisioningState,
        limit: Duration,
    ) -> Result<BareMetalHost> {
        self.host(name, &format!("it is {state}"), limit, |host| {
            host.state() == state
        })
        .await
    }

    /// What the machine wrote on its console since the test began.
    pub fn console(&self, machine: &Machine) -> Result<String> {
        let console = self.stack.console(&machine.name)?;
        Ok(console
            .get(machine.console_start..)
            .unwrap_or_default()
            .to_owned())
    }

    /// Nothing that the machine wrote before counts any more.
    pub fn skip_console(&self, machine: &mut Machine) -> Result<()> {
        machine.console_start = self.stack.console(&machine.name)?.len();
        Ok(())
    }

    /// Waits until the host is deployed and its machine [runs from its volume](Self::runs_from_volume).
    pub async fn booted(&mut self, machine: &Machine) -> Result<String> {
        self.host_in(&machine.name, ProvisioningState::Provisioned, DEPLOYMENT)
            .await?;
        let id = self.runs_from_volume(machine).await?;
        self.search_kubernetes().await?;
        Ok(id)
    }

    /// Waits until the machine says that it runs from the test's volume; returns the id of the boot.
    pub async fn runs_from_volume(&self, machine: &Machine) -> Result<String> {
        let marker = machine.marker.as_str();
        let said = until("the machine has booted from its volume", BOOT, async || {
            let console = self.console(machine)?;
            let boot = console
                .split("IRONBOOT-BOOT ")
                .skip(1)
                .find(|boot| {
                    Machine::said(boot, "MARKER") == [marker] && boot.contains("\nIRONBOOT-DONE ")
                })
                .map(|boot| format!("IRONBOOT-BOOT {boot}"));
            Ok(boot)
        })
        .await?;
        ensure!(
            said.contains("IRONBOOT-RUNS-FROM the kernel was loaded from this volume"),
            "the kernel came from elsewhere: {said}"
        );
        let boot = Machine::said(&said, "BOOT");
        let id = boot
            .first()
            .and_then(|line| line.strip_prefix("id=")?.split(' ').next())
            .context("the guest did not say its boot's id")?;
        step(format!("  console  booted with marker {marker}"));
        Ok(id.to_owned())
    }

    /// Takes the volume away and waits until the host is `available`.
    pub async fn release(&mut self, machine: &Machine) -> Result<BareMetalHost> {
        step("  release");
        self.change_spec(
            &machine.name,
            json!({ "bootVolume": null, "online": false }),
        )
        .await?;
        self.host_in(&machine.name, ProvisioningState::Available, RELEASE)
            .await
    }

    async fn delete(&self, name: &str) -> Result<()> {
        step(format!("  delete   {name}"));
        let hosts = self.cluster.hosts(&self.namespace);
        hosts.delete(name, &DeleteParams::default()).await?;
        Ok(())
    }

    /// Deletes one host and waits until it is gone.
    pub async fn delete_host(&mut self, name: &str) -> Result<()> {
        self.delete(name).await?;
        let hosts = self.cluster.hosts(&self.namespace);
        let operator = &mut self.operator;
        until("the host is gone", RELEASE, async || {
            operator.as_mut().map_or(Ok(()), Operator::check_alive)?;
            Ok(hosts.get_opt(name).await?.is_none().then_some(()))
        })
        .await
    }

    /// Deletes all hosts of the test and waits until they are gone.
    pub async fn delete_hosts(&mut self) -> Result<()> {
        let hosts = self.cluster.hosts(&self.namespace);
        for host in hosts.list(&ListParams::default()).await? {
            self.delete(&host.name_any()).await?;
        }
        let operator = &mut self.operator;
        until("the hosts are gone", RELEASE, async || {
            operator.as_mut().map_or(Ok(()), Operator::check_alive)?;
            Ok(hosts
                .list(&ListParams::default())
                .await?
                .items
                .is_empty()
                .then_some(()))
        })
        .await
    }

    /// Searches everything in Kubernetes for secrets. What is found fails the test at its end.
    pub async fn search_kubernetes(&mut self) -> Result<()> {
        let leaks = self.leaks().await?;
        self.findings.extend(leaks);
        Ok(())
    }

    /// The secrets that are where they must not be in Kubernetes.
    pub async fn leaks(&self) -> Result<Vec<Finding>> {
        scan::kubernetes(&self.cluster.client, &self.planted).await
    }
}

fn summary(host: &BareMetalHost) -> String {
    let message = host
        .status
        .as_ref()
        .map(|status| status.error_message.as_str())
        .unwrap_or_default();
    let state = host.state();
    if message.is_empty() {
        format!("{} {state}", host.name_any())
    } else {
        format!("{} {state}: {message}", host.name_any())
    }
}
