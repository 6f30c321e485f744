//! What a machine boots: read from the iPXE script that Ironic wrote for it.

/// What a machine finds when it boots from the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Boot {
    /// Nothing: Ironic has no configuration for any of its network cards.
    NoConfiguration,
    /// Volumes by iSCSI.
    Iscsi {
        /// The name under which it attaches them, where Ironic gives one.
        initiator: Option<String>,
        /// The volumes, in the order in which they are attached.
        hooks: Vec<Hook>,
    },
    /// Something else, by the name of its part of the script.
    Other(String),
}

/// A volume that is attached before the machine boots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// The BIOS drive: 0x80 is the one to boot from.
    pub drive: String,
    /// The ways to it, as iPXE writes them: `iscsi:HOST::PORT:LUN:IQN`.
    pub uris: Vec<String>,
    /// The CHAP name; empty for none.
    pub username: String,
    /// The CHAP secret; empty for none.
    pub password: String,
}

impl Boot {
    /// Reads a script (`ironic/drivers/modules/ipxe_config.template`): the part that it goes to first.
    pub fn from_script(script: &str) -> Self {
        let lines = || script.lines().map(str::trim);
        let first = lines()
            .take_while(|line| !line.starts_with(':'))
            .find_map(|line| line.strip_prefix("goto "))
            .unwrap_or_default();
        if first != "boot_iscsi" {
            return Self::Other(first.to_owned());
        }
        let part = lines()
            .skip_while(|line| *line != ":boot_iscsi")
            .skip(1)
            .take_while(|line| !line.starts_with(':'));
        read(part)
    }
}

fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Boot {
    let (mut username, mut password) = (String::new(), String::new());
    let mut initiator = None;
    let mut hooks = Vec::new();
    for line in lines {
        if let Some(value) = setting(line, "username") {
            username = value;
        } else if let Some(value) = setting(line, "password") {
            password = value;
        } else if let Some(value) = setting(line, "initiator-iqn") {
            initiator = Some(value);
        } else if let Some(rest) = line.strip_prefix("sanhook --drive ") {
            let mut words = rest
                .split_whitespace()
                .take_while(|word| *word != "||")
                .map(str::to_owned);
            hooks.push(Hook {
                drive: words.next().unwrap_or_default(),
                uris: words.collect(),
                username: username.clone(),
                password: password.clone(),
            });
        }
    }
    Boot::Iscsi { initiator, hooks }
}

/// `set NAME VALUE`; the value may be empty.
fn setting(line: &str, name: &str) -> Option<String> {
    let rest = line.strip_prefix("set ")?.strip_prefix(name)?;
    match rest.strip_prefix(' ') {
        Some(value) => Some(value.trim().to_owned()),
        None => rest.is_empty().then(String::new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "\
#!ipxe

set i:int32 0

goto boot_iscsi

:deploy
kernel x
goto other

:boot_iscsi
imgfree
set username user-0
set password secret-0
set initiator-iqn iqn.2026-11.org.example:node
sanhook --drive 0x80 iscsi:192.0.2.1::3260:1:iqn.x:a iscsi:192.0.2.2::3260:1:iqn.x:a || goto fail_iscsi_retry
set username
set password 
sanhook --drive 0x81 iscsi:192.0.2.1::3260:2:iqn.x:b || goto fail_iscsi_retry
set username user-0
sanboot --no-describe || goto fail_iscsi_retry

:boot_whole_disk
sanhook --drive 0x99 iscsi:not:this
";

    #[test]
    fn a_script_is_read_where_it_begins() {
        let hook = |drive: &str, uris: &[&str], username: &str, password: &str| Hook {
            drive: drive.to_owned(),
            uris: uris.iter().map(|&uri| uri.to_owned()).collect(),
            username: username.to_owned(),
            password: password.to_owned(),
        };
        assert_eq!(
            Boot::from_script(SCRIPT),
            Boot::Iscsi {
                initiator: Some("iqn.2026-11.org.example:node".to_owned()),
                hooks: vec![
                    hook(
                        "0x80",
                        &[
                            "iscsi:192.0.2.1::3260:1:iqn.x:a",
                            "iscsi:192.0.2.2::3260:1:iqn.x:a"
                        ],
                        "user-0",
                        "secret-0"
                    ),
                    hook("0x81", &["iscsi:192.0.2.1::3260:2:iqn.x:b"], "", ""),
                ],
            }
        );
    }

    #[test]
    fn a_script_that_begins_elsewhere_is_something_else() {
        let script = SCRIPT.replacen("goto boot_iscsi", "goto deploy", 1);
        assert_eq!(Boot::from_script(&script), Boot::Other("deploy".to_owned()));
    }
}
