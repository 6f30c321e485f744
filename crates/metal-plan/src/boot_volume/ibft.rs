//! Whether the iBFT holds all targets of a host: the table in which iPXE tells the operating system of them.
//!
//! By BIOS it has a fixed size, and a machine whose targets need more doesn't boot at all: iPXE gives up with `Could not
//! describe SAN devices: No space left on device` before it starts the boot loader, and Ironic can't know.
//! By UEFI it grows with its content.

use metal_api::v1alpha1::{AuthMethod, BareMetalHost, BootMode, DeployedVolume, IscsiTarget};

use super::invalid;
use crate::plan::Blocker;

/// `XBFTAB_SIZE` in iPXE's `src/arch/x86/interface/pcbios/int13.c`, in bytes.
const BIOS_SIZE: usize = 768;

/// Refuses what a BIOS machine can't boot from, however short its credentials are.
pub(crate) fn fits(host: &BareMetalHost, volume: &DeployedVolume) -> Result<(), Blocker> {
    match host.spec.boot_mode {
        Some(BootMode::Legacy) => {}
        Some(BootMode::Uefi | BootMode::UefiSecureBoot) | None => return Ok(()),
    }
    let data = volume.data_volumes.iter().map(|data| &data.iscsi_target);
    let targets: Vec<_> = std::iter::once(&volume.iscsi_target)
        .chain(data)
        .flat_map(strings)
        .collect();
    let size = size(volume.connector_id.len(), &targets);
    if size <= BIOS_SIZE {
        return Ok(());
    }
    Err(invalid(
        "spec.bootMode",
        &format!(
            "legacy: iPXE has {BIOS_SIZE} bytes to tell the operating system of all portals, and {} with these names take \
             {size} or more; keep two portals in all, shorten connectorId and iqn, or set bootMode UEFI",
            targets.len()
        ),
    ))
}

/// The bytes of the strings of a target, once for each portal, each string with its end.
fn strings(target: &IscsiTarget) -> impl Iterator<Item = usize> {
    // At least one character and twelve.
    const CREDENTIALS: usize = 2 + 13;
    let credentials = match target.auth_method {
        Some(AuthMethod::Chap) => CREDENTIALS,
        Some(AuthMethod::None) | None => 0,
    };
    let strings = target.iqn.len() + 1 + credentials;
    target.all_portals().map(move |_| strings)
}

/// The table's size in bytes as `ibft_install` in iPXE's `src/drivers/block/ibft.c` lays it out: for each target it has
/// room for a target and a network card, for two at least; the strings come last. A host name from DHCP would be one more.
fn size(initiator: usize, targets: &[usize]) -> usize {
    const TO_FIRST_PAIR: usize = 58;
    const PAIR: usize = 4;
    const INITIATOR: usize = 80;
    const NIC: usize = 112;
    const TARGET: usize = 64;
    let pairs = targets.len().max(2);
    (TO_FIRST_PAIR + pairs * PAIR).next_multiple_of(16)
        + INITIATOR
        + pairs * (NIC + TARGET)
        + initiator
        + 1
        + targets.iter().sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seen on a machine, with iPXE of January 2019: an IQN of 29 bytes, a user of 6 and a password of 13.
    #[test]
    fn an_initiator_of_204_bytes_fits_and_one_of_205_does_not() {
        let target = 30 + 7 + 14;
        assert_eq!(size(204, &[target]), BIOS_SIZE);
        assert_eq!(size(205, &[target]), BIOS_SIZE + 1);
    }

    /// Likewise: the first two booted, the third didn't.
    #[test]
    fn a_boot_volume_and_a_data_volume_fit_and_a_third_does_not() {
        let (boot, with_chap, without) = (30 + 7 + 14, 31 + 7 + 15, 31);
        assert!(size(30, &[boot, with_chap]) <= BIOS_SIZE);
        assert!(size(30, &[boot, without]) <= BIOS_SIZE);
        assert!(size(30, &[boot, with_chap, without]) > BIOS_SIZE);
    }
}
