//! What a machine says of its config drive.

use anyhow::{Context, Result};

/// A CD with the label `config-2`, as the guest found it after its boot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigDrive {
    /// The first line of `openstack/latest/user_data`; empty if there is no such file.
    pub user_data: String,
    /// The paths of all files, sorted.
    pub files: Vec<String>,
}

impl ConfigDrive {
    /// Of what follows `IRONBOOT-CONFIG-DRIVE`; none if the machine has no such drive.
    pub(crate) fn parse(said: &str) -> Result<Option<Self>> {
        if said == "none" {
            return Ok(None);
        }
        let parse = || {
            let (_device, rest) = said.split_once(" user-data=[")?;
            let (user_data, files) = rest.strip_suffix(']')?.rsplit_once("] files=[")?;
            Some(Self {
                user_data: user_data.to_owned(),
                files: files.split_whitespace().map(str::to_owned).collect(),
            })
        };
        let drive = parse().with_context(|| format!("the guest said of its config drive: {said}"));
        drive.map(Some)
    }
}
