//! Whose the Leases of volumes are once everything is at rest.

use serde_json::Value;

use super::super::volumes::{Held, recorded, wanted};
use super::super::watch::{boot_of, machine, volumes};
use super::super::world::{HOSTS, World, host_name};

/// Whether another machine has a volume that a host asks for.
pub(super) fn is_held_by_other(world: &World, number: usize, host: &Value) -> bool {
    let leases = world.life.kubernetes.all("leases");
    let held: Vec<_> = leases.iter().map(Held::of).collect();
    let is_held = |volume: &Value| {
        let mut held = held.iter();
        held.any(|held| held.is_for(volume) && !held.is_of(world, number))
    };
    wanted(host).iter().any(is_held)
}

/// A Lease is held for a host that is deployed from its volume or wants it. Else it is left for a machine that may start
/// from the volume again: by what it would boot, or as far as its operator could know when it let go of it.
pub(super) fn leases_have_reasons(world: &World) {
    for lease in world.life.kubernetes.all("leases") {
        let held = Held::of(&lease);
        let is_known = |number: usize| {
            let name = host_name(number);
            let is_lost = world.ever_lost_status(number) || world.life.witness.was_given_up(&name);
            held.is_of_name(number) && is_lost
        };
        assert!(
            (0..HOSTS).any(|number| is_its_host(world, number, &held) || is_known(number))
                || is_its_machine(world, &held),
            "a Lease without a reason: {lease:#}"
        );
    }
}

fn is_its_host(world: &World, number: usize, held: &Held) -> bool {
    let host = world.host(number);
    let mut volumes = recorded(&host).into_iter().chain(wanted(&host));
    held.is_of(world, number) && volumes.any(|volume| held.is_for(&volume))
}

fn is_its_machine(world: &World, held: &Held) -> bool {
    let machine = machine(&world.life.sim, held.machine);
    let boots = boot_of(&world.life.sim, held.machine);
    let mut all = [boots.as_ref(), machine.booted.as_ref()]
        .into_iter()
        .flatten()
        .flat_map(volumes);
    all.any(|volume| {
        let (_, iqn) = volume.split_once(':').unwrap_or_default();
        held.volume.ends_with(iqn) || held.is_of_initiator()
    })
}

/// A deployed host has both Leases of each of its volumes, and that of its initiator.
pub(super) fn holds_its_volumes(world: &World, number: usize, host: &Value) {
    let leases = world.life.kubernetes.all("leases");
    let held: Vec<_> = leases.iter().map(Held::of).collect();
    for (index, volume) in recorded(host).iter().enumerate() {
        let own = held
            .iter()
            .filter(|held| held.is_of(world, number) && held.is_for(volume));
        let expected = if index == 0 { 3 } else { 2 };
        assert_eq!(own.count(), expected, "{number}: {leases:#?}");
    }
}
