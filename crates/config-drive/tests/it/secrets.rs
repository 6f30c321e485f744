//! Nothing shows what is secret.

use config_drive::{ConfigDrive, Content, Fingerprint, Key};
use proptest::prelude::*;

use super::{bare, drive, refused, value};

fn with_secrets() -> Content {
    Content {
        user_data: Some(value("userData", "password: hunter2")),
        network_data: Some(value("networkData", "password: hunter2")),
        meta_data: Some(value("metaData", "password: hunter2")),
        ..bare()
    }
}

#[test]
fn debug_shows_no_content() {
    let drive = drive(with_secrets());
    for shown in [
        format!("{:?}", with_secrets()),
        format!("{drive:?}"),
        format!("{:?}", drive.image()),
    ] {
        assert!(!shown.contains("hunter2"), "{shown}");
        // Nor as a list of numbers.
        assert!(!shown.contains("104, 117"), "{shown}");
    }
}

#[test]
fn debug_shows_of_a_key_only_what_it_is_called() {
    assert_eq!(
        format!("{:?}", Key::new(&[7; 32])),
        r#"Key { id: "282b3b0f", .. }"#
    );
}

proptest! {
    /// YAML's errors like to quote what is wrong.
    #[test]
    fn no_error_quotes_what_is_wrong(
        before in r#"[a-c:&*!|>\[{}\],"'?% \n-]{0,12}"#,
        after in r#"[a-c:&*!|>\[{}\],"'?% \n-]{0,12}"#,
    ) {
        let text = format!("{before}hunter2{after}");
        let content = Content { meta_data: Some(value("metaData", &text)), ..bare() };
        if let Err(error) = ConfigDrive::new(content) {
            let shown = format!("{error} {error:?}");
            prop_assert!(!shown.contains("hunter2"));
        }
    }
}

#[test]
fn an_error_keeps_no_cause_that_could_quote() {
    let error = refused(Content {
        meta_data: Some(value("metaData", "a: [hunter2")),
        ..bare()
    });
    assert!(std::error::Error::source(&error).is_none());
}

/// As Python's `hmac` computes it: it must stay the same in each version, or all hosts' drives look outdated.
#[test]
fn a_fingerprint_is_the_same_in_each_version() {
    assert_eq!(
        key().fingerprint(&drive(bare())).as_str(),
        "39298744.3b34caccdaf76ee7e27ae4d9f265dac883be2b7e17f7b0bd713561a6a20d613d"
    );
}

/// 0, 1, 2, …
pub(crate) fn key() -> Key {
    let mut bytes = [0; 32];
    for (index, byte) in (0..).zip(&mut bytes) {
        *byte = index;
    }
    Key::new(&bytes)
}

#[test]
fn a_fingerprint_tells_contents_hosts_and_keys_apart() {
    let one = key().fingerprint(&drive(with_secrets()));
    assert_eq!(key().fingerprint(&drive(with_secrets())), one);
    let mut other_host = with_secrets();
    other_host.host.name = "node-1".to_owned();
    let other_data = Content {
        user_data: Some(value("userData", "password: hunter3")),
        ..with_secrets()
    };
    let less = Content {
        user_data: None,
        ..with_secrets()
    };
    for other in [
        key().fingerprint(&drive(other_host)),
        key().fingerprint(&drive(other_data)),
        key().fingerprint(&drive(less)),
        Key::new(&[7; 32]).fingerprint(&drive(with_secrets())),
    ] {
        assert_ne!(other, one);
    }
}

#[test]
fn a_fingerprint_can_be_read_back() {
    let one = key().fingerprint(&drive(bare()));
    assert_eq!(one.to_string().parse::<Fingerprint>(), Ok(one));
    for no in [
        "",
        ".",
        "39298744",
        "39298744.",
        "39298744.3B",
        "39298744.zz",
    ] {
        assert!(no.parse::<Fingerprint>().is_err(), "{no}");
    }
}
