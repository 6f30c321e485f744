//! How each of the [acts](super::acts) happens.

use std::time::Duration;

use ironic_sim::{Bmc, Failing, Fault, FaultKind, Machine};
use serde_json::{Value, json};

use super::acts::{Act, Wish, Work, Wrong};
use super::volumes::{data_volume, volume};
use super::world::{DETACHED, PAUSED, World, host_name, secret_name};
use crate::testing::{Stop, USER_DATA_SECRET};

const RELEASED: &str = metal_api::names::RELEASED_VOLUME_ANNOTATION;
const REUSE: &str = metal_api::names::REUSE_VOLUME_ANNOTATION;

impl Act {
    /// Does it.
    pub(super) fn happen(self, world: &mut World) {
        world.life.witness.tell(format!("{self:?}"));
        let requests = world.life.door.count();
        match self {
            Self::Create {
                host,
                machine,
                volume,
            } => world.create(host, machine, volume),
            Self::Delete(host) => world.delete(host),
            Self::Wish(host, wish) => wish.happen(world, host),
            Self::LoseStatus(host) => world.lose_status(host),
            Self::ChangeSecret(secret) => world.change_secret(secret),
            Self::DropSecret(secret) => world.life.drop_secret(&secret_name(secret)),
            Self::ChangeUserData => world.change_user_data(),
            Self::BmcPassword(is_right) => world.bmc_password(is_right),
            Self::Bmc(machine, is_alive) => world.life.change_machine(machine, |machine| {
                machine.bmc = if is_alive { Bmc::Present } else { Bmc::Absent };
            }),
            Self::Acpi(machine, is_honoured) => {
                let change = |machine: &mut Machine| machine.honours_acpi = is_honoured;
                world.life.change_machine(machine, change);
            }
            Self::Switch(machine, is_on) => world.switch(machine, is_on),
            Self::Fence => world.fence(),
            Self::DeleteNode(host) => world.delete_node(host),
            Self::Maintenance(host, is_on) => world.maintain(host, is_on),
            Self::Tamper(host, thing) => world.tamper(host, thing),
            Self::LoseDatabase => {
                world.life.lose_database();
            }
            Self::RestartIronic => {
                world.life.restart_ironic();
            }
            Self::Fault(after, wrong) => {
                world.life.fault(requests + after, wrong.kind());
            }
            Self::Fails(work) => world.life.sim.inject(Fault::once(work.kind())),
            Self::Stop => {
                world.life.stop();
            }
            Self::StopAfterRequest(after) => {
                world.life.stop_at(Stop::Request(requests + after));
            }
            Self::StopAfterWrite(after) => {
                let writes = world.life.kubernetes.writes();
                world.life.stop_at(Stop::Write(writes + after));
            }
        }
    }
}

impl Wish {
    fn happen(self, world: &mut World, host: usize) {
        let spec = |value: Value| json!({ "spec": value });
        let portals =
            |one: Value, all: Value| json!({"iscsiTarget": {"portal": one, "portals": all}});
        match self {
            Self::Volume(number) => {
                world.patch(host, &spec(json!({"bootVolume": volume(host, number)})));
            }
            Self::NoVolume => {
                world.patch(
                    host,
                    &spec(json!({"bootVolume": null, "dataVolumes": null, "userData": null})),
                );
            }
            Self::Portal(port) => {
                let portal = format!("192.0.2.1:{port}");
                world.patch_volume(host, &portals(portal.into(), Value::Null));
            }
            Self::TwoPortals => {
                let both = json!(["192.0.2.1:3260", "192.0.2.2:3260"]);
                world.patch_volume(host, &portals(Value::Null, both));
            }
            Self::Secret(secret) => {
                let method = if secret.is_some() { "CHAP" } else { "None" };
                let target = json!({"authMethod": method});
                let name = secret.map(secret_name);
                let patch = json!({"iscsiCredentialsName": name, "iscsiTarget": target});
                world.patch_volume(host, &patch);
            }
            Self::Data { first, second } => {
                let first = first.then(|| data_volume(0, None));
                let second = second.map(|secret| data_volume(1, Some(secret)));
                let data: Vec<_> = first.into_iter().chain(second).collect();
                world.patch_with_volume(host, &spec(json!({ "dataVolumes": data })));
            }
            Self::UserData(has_it) => {
                let secret = has_it.then(|| json!({"name": USER_DATA_SECRET}));
                world.patch_with_volume(host, &spec(json!({ "userData": secret })));
            }
            Self::Uefi(is_it) => {
                let mode = if is_it { "UEFI" } else { "legacy" };
                world.patch(host, &spec(json!({ "bootMode": mode })));
            }
            Self::Online(is_online) => world.patch(host, &spec(json!({"online": is_online}))),
            Self::Reboot { is_hard } => world.reboot(host, is_hard),
            Self::Detached(is_detached) => world.annotate(host, DETACHED, is_detached),
            Self::Paused(is_paused) => world.annotate(host, PAUSED, is_paused),
            Self::Image(is_set) => {
                let image = json!({"url": "http://192.0.2.1/image", "format": "live-iso"});
                world.patch(host, &spec(json!({"image": is_set.then_some(image)})));
            }
            Self::Redeploy => world.redeploy(host),
            Self::ForClaims(_)
            | Self::Reuse(_)
            | Self::Claim
            | Self::LetGo
            | Self::Leave
            | Self::GiveFree => self.happen_to_claim(world, host),
        }
    }

    /// What consumers do is done as Cluster API's provider does it: see `testing/life/consumer.rs`.
    fn happen_to_claim(self, world: &mut World, host: usize) {
        let spec = |value: Value| json!({ "spec": value });
        match self {
            Self::ForClaims(true) => {
                world.patch_volume(host, &json!({"provisionOn": "Claim"}));
            }
            Self::ForClaims(false) => {
                let patch = json!({"provisionOn": "Immediate", "reclaimPolicy": null});
                world.patch_volume(host, &patch);
            }
            Self::Reuse(is_reused) if world.is_for_claims(host) => {
                let policy = if is_reused { "Reuse" } else { "Retain" };
                world.patch_volume(host, &json!({ "reclaimPolicy": policy }));
            }
            Self::Claim => {
                let consumer = json!({"kind": "Metal3Machine", "name": "machine-0"});
                let deploy = json!({"method": "boot-volume"});
                let claim =
                    json!({"consumerRef": consumer, "customDeploy": deploy, "online": true});
                world.patch_with_volume(host, &spec(claim));
            }
            Self::LetGo => world.patch(host, &spec(json!({"customDeploy": null, "online": false}))),
            Self::Leave => {
                let nobody = json!({"customDeploy": null, "consumerRef": null});
                world.patch(host, &spec(nobody));
            }
            Self::GiveFree => {
                let released = world.host(host)["metadata"]["annotations"][RELEASED].clone();
                world.life.annotate_host(&host_name(host), REUSE, released);
            }
            _ => {}
        }
    }
}

impl Wrong {
    fn kind(self) -> FaultKind {
        let seconds = Duration::from_secs;
        match self {
            Self::Error => FaultKind::Status(500),
            Self::Busy => FaultKind::Status(503),
            Self::CutBefore => FaultKind::CutBefore,
            Self::CutAfter => FaultKind::CutAfter,
            Self::Locked(time) => FaultKind::Locked(seconds(time)),
            Self::Crash(time) => FaultKind::Crash(seconds(time)),
            Self::Slow(time) => FaultKind::Slow(seconds(time)),
        }
    }
}

impl Work {
    fn kind(self) -> FaultKind {
        let failing = match self {
            Self::Deploy => Failing::Deploy,
            Self::Undeploy => Failing::TearDown,
            Self::Adopt => Failing::Adopt,
            Self::Power => Failing::Power,
            Self::Clean => Failing::Clean,
            Self::VirtualMedia => Failing::VirtualMedia,
        };
        FaultKind::Fails(failing, "it failed by itself".to_owned())
    }
}
