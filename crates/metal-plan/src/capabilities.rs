//! `properties.capabilities` of a node: Ironic's list `key:value,key:value`.

use metal_api::v1alpha1::BootMode;

/// Ironic's word for `spec.bootMode`; Metal3's default is UEFI.
pub(crate) fn boot_mode(mode: Option<BootMode>) -> &'static str {
    match mode {
        Some(BootMode::Legacy) => "bios",
        Some(BootMode::Uefi | BootMode::UefiSecureBoot) | None => "uefi",
    }
}

/// The list with `key` set to `value`, the rest and its order kept.
pub(crate) fn with(capabilities: &str, key: &str, value: &str) -> String {
    let mut found = false;
    let mut entries: Vec<String> = entries(capabilities)
        .map(|entry| {
            if is(entry, key) {
                found = true;
                format!("{key}:{value}")
            } else {
                entry.to_owned()
            }
        })
        .collect();
    if !found {
        entries.push(format!("{key}:{value}"));
    }
    entries.join(",")
}

/// The list without `key`.
pub(crate) fn without(capabilities: &str, key: &str) -> String {
    entries(capabilities)
        .filter(|entry| !is(entry, key))
        .collect::<Vec<_>>()
        .join(",")
}

fn entries(capabilities: &str) -> impl Iterator<Item = &str> {
    capabilities
        .split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
}

fn is(entry: &str, key: &str) -> bool {
    entry.split_once(':').is_some_and(|(name, _)| name == key)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("", "iscsi_boot:true")]
    #[case("boot_mode:bios", "boot_mode:bios,iscsi_boot:true")]
    #[case("iscsi_boot:False, cpu_vt:true", "iscsi_boot:true,cpu_vt:true")]
    fn a_capability_is_added_to_what_is_there(#[case] before: &str, #[case] after: &str) {
        assert_eq!(with(before, "iscsi_boot", "true"), after);
        assert_eq!(with(after, "iscsi_boot", "true"), after);
    }

    #[rstest]
    #[case("", "")]
    #[case("iscsi_boot:true", "")]
    #[case(
        "boot_mode:bios,iscsi_boot:true,cpu_vt:true",
        "boot_mode:bios,cpu_vt:true"
    )]
    fn a_capability_is_taken_away_alone(#[case] before: &str, #[case] after: &str) {
        assert_eq!(without(before, "iscsi_boot"), after);
    }
}
