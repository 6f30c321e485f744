//! The public face of `config-drive`: what is on a drive, what readers of ISO 9660 find in its image, and who gets it.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail their tests")]

mod content;
mod image;
mod part;
mod reader;
mod secrets;
mod signed_url;
mod yaml;

use config_drive::{ConfigDrive, Content, Error, Host, SecretValue};
use secrecy::ExposeSecret;
use serde_json::Value;

/// A host without Secrets.
fn bare() -> Content {
    Content {
        host: Host {
            uid: "4f1b7c3e-0000-4000-8000-000000000001".to_owned(),
            namespace: "metal".to_owned(),
            name: "node-0".to_owned(),
        },
        user_data: None,
        network_data: None,
        meta_data: None,
    }
}

/// What stands under the part's own key.
fn value(key: &'static str, bytes: impl AsRef<[u8]>) -> SecretValue {
    SecretValue {
        key,
        bytes: bytes.as_ref().to_vec().into(),
    }
}

fn with_user_data(bytes: impl AsRef<[u8]>) -> Content {
    Content {
        user_data: Some(value("userData", bytes)),
        ..bare()
    }
}

fn with_network_data(text: &str) -> Content {
    Content {
        network_data: Some(value("networkData", text)),
        ..bare()
    }
}

fn with_meta_data(text: &str) -> Content {
    Content {
        meta_data: Some(value("metaData", text)),
        ..bare()
    }
}

/// A host with all three.
fn full() -> Content {
    Content {
        user_data: Some(value("userData", "#cloud-config\nruncmd: [echo hello]\n")),
        network_data: Some(value(
            "networkData",
            "links: [{id: eth0, type: phy, ethernet_mac_address: '52:54:00:e2:e0:01'}]\n",
        )),
        meta_data: Some(value("metaData", "providerid: metal3://metal/node-0/m-0\n")),
        ..bare()
    }
}

fn drive(content: Content) -> ConfigDrive {
    ConfigDrive::new(content).unwrap()
}

fn refused(content: Content) -> Error {
    ConfigDrive::new(content).unwrap_err()
}

/// The names of all files.
fn names(drive: &ConfigDrive) -> Vec<&'static str> {
    drive.files().map(|(name, _)| name).collect()
}

fn bytes<'a>(drive: &'a ConfigDrive, name: &str) -> Option<&'a [u8]> {
    drive
        .files()
        .find_map(|(file, bytes)| (file == name).then(|| bytes.expose_secret()))
}

fn json(drive: &ConfigDrive, name: &str) -> Value {
    serde_json::from_slice(bytes(drive, name).unwrap()).unwrap()
}
