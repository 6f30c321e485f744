//! Hosts that Cluster API claims, ten of them and several machines at once.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use e2e::cluster_api::{
    BLOCK_MOVE_ANNOTATION, DataTemplate, MachineTemplate, Metal3Machine, NODE_REUSE_LABEL,
    PAUSED_BY_PROVIDER, Provider, Remediation,
};
use e2e::{DEPLOYMENT, Fake, Inventory, Scenario, host, run, until};
use kube::ResourceExt;
use kube::api::{Api, PostParams};
use metal_api::names;
use metal_api::v1alpha1::{BareMetalHost, HardwareData, ProvisioningState};
use serde_json::{Value, json};

use crate::consumers::{
    POOL, consumer, for_claims, hardware, host_of, is_offered, let_go, reconcile, reconcile_one,
};

const HOSTS: [&str; 10] = [
    "many-0",
    "many-1",
    "many-2",
    "many-3",
    "many-4",
    "many-5",
    "many-6",
    "contested",
    "image",
    "kept",
];
/// How many of them are any machine's.
const MANY: usize = 7;
/// What the provider is to show as the address of the machine that has hardware on record.
const ADDRESS: &str = "192.0.2.7";

#[test]
fn machines_of_cluster_api_get_hosts_of_their_own_and_let_go_of_them() -> Result<()> {
    run("cluster-api", async |test| {
        let fakes = test.fakes(HOSTS).await?;
        let data: Api<HardwareData> = Api::namespaced(test.cluster.client.clone(), &test.namespace);
        let of_kept = hardware("kept", ADDRESS)?;
        data.create(&PostParams::default(), &of_kept).await?;
        test.start_operator().await?;
        for (number, fake) in fakes.iter().enumerate() {
            let pool = if number < MANY { "many" } else { &fake.name };
            let policy = if fake.name == "kept" {
                "Reuse"
            } else {
                "Retain"
            };
            test.create(&for_claims(fake, pool, policy)?).await?;
        }
        for fake in &fakes {
            is_offered(test, &fake.name).await?;
        }
        let mut course = Course::begin(test, fakes)?;
        course.all_get_a_host(test).await?;
        course.a_host_is_stolen(test).await?;
        course.an_image_is_a_conflict(test).await?;
        course.all_are_deployed(test).await?;
        course.some_let_go(test).await?;
        course.the_next_get_what_they_left(test).await?;
        course.a_machine_is_remediated(test).await?;
        course.a_host_is_paused_and_goes_on(test).await?;
        test.delete_hosts().await
    })
}

/// What needs Ironic goes on at once, since it takes longest.
struct Course {
    provider: Provider,
    /// Another one, that knows nothing of the first.
    thief: Provider,
    fakes: [Fake; HOSTS.len()],
    /// Any host will do for these; the last one's is claimed before its data is there.
    many: Vec<Metal3Machine>,
    /// They have the same host, each in the eyes of its provider.
    first: Metal3Machine,
    second: Metal3Machine,
    /// Its host is kept for the next machine of its owner.
    old: Metal3Machine,
    new: Metal3Machine,
}

fn of_pool(name: &str, pool: &str) -> Metal3Machine {
    Metal3Machine::diskless(name, (POOL, pool))
}

fn of_workers(name: &str) -> Metal3Machine {
    let mut machine = of_pool(name, "kept");
    machine.template.node_reuse = Some("workers".to_owned());
    machine
}

fn data(is_ready: bool) -> DataTemplate {
    DataTemplate {
        is_ready,
        ..DataTemplate::default()
    }
}

impl Course {
    fn begin(test: &Scenario, fakes: [Fake; HOSTS.len()]) -> Result<Self> {
        let provider = |name| Provider::new(&test.cluster, &test.namespace, name);
        let names = ["m-0", "m-1", "m-2", "m-3", "m-4", "with-data"];
        let mut many = names.map(|name| of_pool(name, "many"));
        many[5].template.data_template = Some(data(false));
        Ok(Self {
            provider: provider("cluster")?,
            thief: provider("other-cluster")?,
            fakes,
            many: many.to_vec(),
            first: of_pool("first", "contested"),
            second: of_pool("second", "contested"),
            old: of_workers("old"),
            new: of_workers("new"),
        })
    }

    fn actions(&self, test: &Scenario, host: &str) -> Result<Vec<String>> {
        let fake = self.fakes.iter().find(|fake| fake.name == host);
        test.power_actions(&fake.with_context(|| format!("no host {host}"))?.machine)
    }

    async fn all_get_a_host(&mut self, test: &Scenario) -> Result<()> {
        let has_host = |it: &Metal3Machine| it.host.is_some();
        reconcile(&self.provider, &mut self.many, "each has a host", has_host).await?;
        let hosts: BTreeSet<_> = self.many.iter().filter_map(|it| it.host.clone()).collect();
        ensure!(
            hosts.len() == self.many.len(),
            "one host for two: {hosts:?}"
        );
        reconcile_one(&self.provider, &mut self.old, "it has a host", has_host).await?;

        // Claimed and not asked to be deployed: nobody else takes it, and nothing is wrong with it.
        let waiting = host(test, host_of(&self.many[5])?).await?;
        ensure!(consumer(&waiting)["name"] == "with-data");
        ensure!(waiting.state() == ProvisioningState::Available);
        ensure!(host::status(&waiting)?.error_message.is_empty());
        let mut one_more = of_pool("one-more", "many");
        self.provider.reconcile(&mut one_more).await?;
        let last = host_of(&one_more)?;
        ensure!(!hosts.contains(last), "{last} is another machine's");
        let mut too_many = of_pool("too-many", "many");
        self.provider.reconcile(&mut too_many).await?;
        ensure!(too_many.host.is_none(), "{:?}", too_many.host);

        self.many[5].template.data_template = Some(data(true));
        self.many.push(one_more);
        Ok(())
    }

    /// Two providers choose the same host: the second's patch overwrites the first's, and no version keeps it from that.
    async fn a_host_is_stolen(&mut self, test: &Scenario) -> Result<()> {
        let chosen = self.thief.choose(&self.second).await?;
        let chosen = chosen.context("nothing to choose")?;
        self.provider.reconcile(&mut self.first).await?;
        ensure!(self.first.host.as_deref() == Some(chosen.name()));
        self.thief.take(&mut self.second, chosen).await?;
        let stolen = host(test, "contested").await?;
        ensure!(
            consumer(&stolen)["name"] == "second",
            "{}",
            consumer(&stolen)
        );
        Ok(())
    }

    /// With data the host is claimed first, and the image comes later.
    async fn an_image_is_a_conflict(&mut self, test: &mut Scenario) -> Result<()> {
        let image = json!({
            "url": "http://192.0.2.1/image.qcow2", "checksumType": "sha256",
            "checksum": "http://192.0.2.1/image.qcow2.sha256sum",
        });
        let template = MachineTemplate {
            image: Some(image),
            user_data: Some(Metal3Machine::USER_DATA.to_owned()),
            host_selector: [(POOL.to_owned(), "image".to_owned())].into(),
            data_template: Some(data(true)),
            ..MachineTemplate::default()
        };
        let mut machine = Metal3Machine::new("with-image", &template);
        self.provider.reconcile(&mut machine).await?;
        ensure!(host_of(&machine)? == "image");
        self.provider.reconcile(&mut machine).await?;
        let found = test
            .host("image", "the conflict is told", DEPLOYMENT, |host| {
                host::ensure_conditions(host, &[("BootVolumeReady", "False", "ImageConflict")])
                    .is_ok()
            })
            .await?;
        let message = &host::status(&found)?.error_message;
        ensure!(message.starts_with("spec.image: "), "{message}");
        let given = json!(found.spec.image);
        ensure!(given["format"] == "", "the provider wrote another: {given}");
        let left = let_go(test, &self.provider, &mut machine).await?;
        ensure!(left.spec.image.is_none());
        is_offered(test, "image").await?;
        let actions = self.actions(test, "image")?;
        ensure!(actions.is_empty(), "{actions:?}");
        Ok(())
    }

    async fn all_are_deployed(&mut self, test: &mut Scenario) -> Result<()> {
        let is_ready = Metal3Machine::is_ready;
        reconcile(&self.provider, &mut self.many, "all are deployed", is_ready).await?;
        reconcile_one(&self.provider, &mut self.old, "this one, too", is_ready).await?;
        self.provider.reconcile(&mut self.old).await?;
        let expected = [
            ("InternalIP", ADDRESS.to_owned()),
            ("Hostname", "kept.example.org".to_owned()),
            ("InternalDNS", "kept.example.org".to_owned()),
        ];
        ensure!(self.old.addresses == expected, "{:?}", self.old.addresses);

        // Each sets its own name in each of its passes, and both believe that they have it.
        let provisioned = ProvisioningState::Provisioned;
        for _ in 0..2 {
            test.host_in("contested", provisioned, DEPLOYMENT).await?;
            self.thief.reconcile(&mut self.second).await?;
            self.provider.reconcile(&mut self.first).await?;
        }
        ensure!(self.first.is_ready() && self.second.is_ready());
        self.second.is_deleted = true;
        self.thief.reconcile(&mut self.second).await?;
        ensure!(self.second.is_gone(), "it waits for a host of another's");
        let kept = host(test, "contested").await?;
        ensure!(kept.state() == provisioned);
        ensure!(consumer(&kept)["name"] == "first", "{}", consumer(&kept));

        for name in HOSTS.iter().filter(|name| **name != "image") {
            let actions = self.actions(test, name)?;
            ensure!(
                actions == ["On"],
                "{name} was not deployed once: {actions:?}"
            );
        }
        let inventory = Inventory::read(&test.ironic).await?;
        ensure!(inventory.targets.len() == HOSTS.len() - 1, "{inventory}");
        Ok(())
    }

    async fn some_let_go(&mut self, test: &mut Scenario) -> Result<()> {
        self.old.is_deleted = true;
        self.provider.reconcile(&mut self.old).await?;
        let left = let_go(test, &self.provider, &mut self.many[1]).await?;
        ensure!(left.spec.consumer_ref.is_none() && !host::is_on(&left));
        ensure!(host::status(&left)?.error_message.contains("is held"));
        let mut next = of_pool("next", "many");
        self.provider.reconcile(&mut next).await?;
        ensure!(next.host.is_none(), "{:?} has what another left", next.host);

        let left = let_go(test, &self.provider, &mut self.old).await?;
        ensure!(left.labels()[NODE_REUSE_LABEL] == "workers");
        ensure!(consumer(&left)["kind"] == "Cluster", "{}", consumer(&left));
        let mut stranger = of_pool("stranger", "kept");
        self.provider.reconcile(&mut stranger).await?;
        ensure!(stranger.host.is_none(), "it is kept for another");
        Ok(())
    }

    async fn the_next_get_what_they_left(&mut self, test: &mut Scenario) -> Result<()> {
        let has_host = |it: &Metal3Machine| it.host.is_some();
        reconcile_one(&self.provider, &mut self.new, "it has a host", has_host).await?;
        let taken = host(test, "kept").await?;
        ensure!(consumer(&taken)["name"] == "new", "{}", consumer(&taken));
        ensure!(!taken.labels().contains_key(NODE_REUSE_LABEL));

        let name = host_of(&self.many[1])?.to_owned();
        let annotations = host(test, &name).await?.metadata.annotations;
        let released =
            annotations.and_then(|mut all| all.remove(names::RELEASED_VOLUME_ANNOTATION));
        let reuse = released.context("the volume is not held")?;
        test.annotate(&name, names::REUSE_VOLUME_ANNOTATION, Some(&reuse))
            .await?;
        is_offered(test, &name).await?;
        self.many[1] = of_pool("next", "many");
        let is_ready = Metal3Machine::is_ready;
        reconcile(&self.provider, &mut self.many, "it is given free", is_ready).await?;
        ensure!(host_of(&self.many[1])? == name);
        reconcile_one(&self.provider, &mut self.new, "so is this one", is_ready).await
    }

    async fn a_machine_is_remediated(&mut self, test: &Scenario) -> Result<()> {
        let before = self.actions(test, "kept")?;
        let mut remediation = Remediation::default();
        until("the machine was rebooted", DEPLOYMENT, async || {
            self.provider.reconcile(&mut self.new).await?;
            self.provider.remediate(&self.new, &mut remediation).await?;
            ensure!(!remediation.has_failed(), "it was given up");
            Ok(remediation.is_done().then_some(()))
        })
        .await?;
        let actions = self.actions(test, "kept")?;
        let done = &actions[before.len()..];
        ensure!(done == ["ForceOff", "On"], "{done:?}");
        let rebooted = host(test, "kept").await?;
        ensure!(rebooted.state() == ProvisioningState::Provisioned && host::is_on(&rebooted));
        ensure!(!host::has_annotation(&rebooted, remediation.annotation()));
        Ok(())
    }

    /// `clusterctl` pauses a Cluster and may give up then.
    async fn a_host_is_paused_and_goes_on(&mut self, test: &mut Scenario) -> Result<()> {
        let machine = &mut self.many[0];
        let name = host_of(machine)?.to_owned();
        ensure!(host::has_annotation(
            &host(test, &name).await?,
            BLOCK_MOVE_ANNOTATION
        ));
        self.provider.is_paused = true;
        self.provider.reconcile(machine).await?;
        let paused = host(test, &name).await?;
        let annotations = paused.annotations();
        ensure!(annotations[names::PAUSED_ANNOTATION] == PAUSED_BY_PROVIDER);
        ensure!(!annotations.contains_key(BLOCK_MOVE_ANNOTATION));
        let status: Value = serde_json::from_str(&annotations[names::STATUS_ANNOTATION])?;
        ensure!(status["provisioning"]["state"] == "provisioned", "{status}");
        ensure!(status["provisioning"]["bootVolume"].is_null(), "{status}");

        self.provider.is_paused = false;
        self.provider.reconcile(machine).await?;
        let what = "the status that was written down is dropped";
        let goes_on = test
            .host(&name, what, DEPLOYMENT, |host| {
                !host::has_annotation(host, names::STATUS_ANNOTATION)
            })
            .await?;
        ensure!(goes_on.state() == ProvisioningState::Provisioned);
        self.provider.reconcile(machine).await?;
        ensure!(host::has_annotation(
            &host(test, &name).await?,
            BLOCK_MOVE_ANNOTATION
        ));
        Ok(())
    }
}

async fn host(test: &Scenario, name: &str) -> Result<BareMetalHost> {
    let hosts = test.cluster.hosts(&test.namespace);
    hosts.get(name).await.context("failed to read a host")
}
