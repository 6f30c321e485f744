//! The files of a drive. What is expected of metadata is Metal3's own table: `configdrive_test.go` in
//! `pkg/provisioner/ironic`.

use std::fmt::Write as _;

use config_drive::{Content, Error, MAX_BYTES, Part};
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    bare, bytes, drive, full, json, names, refused, value, with_meta_data, with_network_data,
    with_user_data,
};

fn generated() -> Value {
    json!({
        "uuid": "4f1b7c3e-0000-4000-8000-000000000001",
        "metal3-namespace": "metal",
        "metal3-name": "node-0",
        "local-hostname": "node-0",
        "local_hostname": "node-0",
        "name": "node-0",
    })
}

#[test]
fn a_host_without_secrets_has_the_generated_metadata() {
    let drive = drive(bare());
    assert_eq!(names(&drive), ["meta_data.json", "vendor_data.json"]);
    assert_eq!(json(&drive, "meta_data.json"), generated());
    assert_eq!(bytes(&drive, "vendor_data.json"), Some(&b"{}"[..]));
}

#[test]
fn a_host_with_all_secrets_has_all_files() {
    let drive = drive(full());
    assert_eq!(
        names(&drive),
        [
            "meta_data.json",
            "network_data.json",
            "user_data",
            "vendor_data.json"
        ]
    );
    assert_eq!(
        bytes(&drive, "user_data"),
        Some(&b"#cloud-config\nruncmd: [echo hello]\n"[..])
    );
    assert_eq!(
        json(&drive, "network_data.json"),
        json!({"links": [{"id": "eth0", "type": "phy", "ethernet_mac_address": "52:54:00:e2:e0:01"}]})
    );
}

#[rstest]
#[case::a_new_key_is_added("test: Meta", json!({"test": "Meta"}))]
#[case::the_hosts_own_key_wins("name: mine\nuuid: 7", json!({"name": "mine", "uuid": 7}))]
#[case::null_is_a_value("name: ~", json!({"name": null}))]
#[case::json_is_yaml(r#"{"test": {"a": [1, true]}}"#, json!({"test": {"a": [1, true]}}))]
#[case::nothing("", json!({}))]
#[case::a_comment("# nothing\n", json!({}))]
#[case::null("null", json!({}))]
fn metadata_of_the_host_goes_over_the_generated(#[case] text: &str, #[case] over: Value) {
    let mut expected = generated();
    for (key, value) in over.as_object().unwrap() {
        expected[key] = value.clone();
    }
    assert_eq!(
        json(&drive(with_meta_data(text)), "meta_data.json"),
        expected
    );
}

#[test]
fn metadata_is_written_with_sorted_keys() {
    let drive = drive(with_meta_data("zone: 1\na: {z: 1, b: 2}\n10: ten\n"));
    assert_eq!(
        str::from_utf8(bytes(&drive, "meta_data.json").unwrap()).unwrap(),
        r#"{"10":"ten","a":{"b":2,"z":1},"local-hostname":"node-0","local_hostname":"node-0","#
            .to_owned()
            + r#""metal3-name":"node-0","metal3-namespace":"metal","name":"node-0","#
            + r#""uuid":"4f1b7c3e-0000-4000-8000-000000000001","zone":1}"#
    );
}

#[rstest]
#[case("")]
#[case("{}")]
#[case("# nothing")]
fn there_is_no_file_for_network_data_without_keys(#[case] text: &str) {
    let names = names(&drive(with_network_data(text)));
    assert_eq!(names, ["meta_data.json", "vendor_data.json"]);
}

#[test]
fn there_is_no_file_for_empty_user_data() {
    let names = names(&drive(with_user_data("")));
    assert_eq!(names, ["meta_data.json", "vendor_data.json"]);
}

#[test]
fn user_data_needs_not_be_text() {
    let gzip = [0x1f, 0x8b, 0x08, 0x00, 0xff, 0xfe];
    assert_eq!(
        bytes(&drive(with_user_data(gzip)), "user_data"),
        Some(&gzip[..])
    );
}

#[rstest]
#[case::a_list(
    with_meta_data("- a\n"),
    "key metaData is no mapping; write it as keys with values"
)]
#[case::a_scalar(
    with_network_data("hunter2"),
    "key networkData is no mapping; write it as keys with values"
)]
#[case::no_yaml(
    with_meta_data("a: 1\npassword: [hunter2\n"),
    "key metaData can't be read as YAML or JSON at line 2, column 11; correct it"
)]
#[case::an_anchor_that_isnt_there(
    with_network_data("a: *hunter2"),
    "key networkData can't be read as YAML or JSON at line 1, column 4; correct it"
)]
#[case::no_utf8(
    Content { meta_data: Some(value("value", b"a: hunter2\xff")), ..bare() },
    "key value can't be read as YAML or JSON; correct it"
)]
#[case::two_documents(
    with_network_data("a: hunter2\n---\nb: hunter2\n"),
    "key networkData can't be read as YAML or JSON at line 3, column 1; correct it"
)]
fn what_cant_be_read_is_named_and_not_shown(#[case] content: Content, #[case] expected: &str) {
    let error = refused(content);
    assert_eq!(error.to_string(), expected);
    assert!(!format!("{error:?}").contains("hunter2"));
    assert!(std::error::Error::source(&error).is_none());
}

#[test]
fn the_largest_user_data_is_a_secret_full() {
    let largest = vec![b'x'; MAX_BYTES];
    assert_eq!(
        bytes(&drive(with_user_data(&largest)), "user_data").map(<[u8]>::len),
        Some(MAX_BYTES)
    );
    let error = refused(with_user_data(vec![b'x'; MAX_BYTES + 1]));
    assert_eq!(
        error,
        Error::TooLarge {
            part: Part::UserData,
            key: "userData"
        }
    );
    assert_eq!(
        error.to_string(),
        "key userData is too large: it may have 1 MiB and, if it is YAML, 100000 values, \
         with its aliases resolved"
    );
}

/// Nine levels of nine aliases each: 400 million texts.
#[test]
fn aliases_of_aliases_are_refused_before_they_fill_the_memory() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let alias = format!("*a{}", level - 1);
        let aliases = vec![alias; 9].join(", ");
        writeln!(text, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    assert_eq!(
        refused(with_network_data(&text)),
        Error::TooLarge {
            part: Part::NetworkData,
            key: "networkData"
        }
    );
}

#[test]
fn a_large_text_is_not_multiplied() {
    let text = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(100_000),
        vec!["*a"; 20].join(", ")
    );
    assert_eq!(
        refused(with_meta_data(&text)),
        Error::TooLarge {
            part: Part::MetaData,
            key: "metaData"
        }
    );
}

/// Each quote is two bytes in JSON.
#[test]
fn what_grows_in_json_is_measured_there() {
    let text = format!(
        "a: {}\n",
        "'".to_owned() + &"\"".repeat(MAX_BYTES / 2) + "'"
    );
    assert_eq!(
        refused(with_meta_data(&text)),
        Error::TooLarge {
            part: Part::MetaData,
            key: "metaData"
        }
    );
}

#[test]
fn many_aliases_of_one_anchor_are_fine() {
    let text = format!(
        "a: &a {{mtu: 1500}}\nlinks: [{}]\n",
        vec!["*a"; 500].join(", ")
    );
    let drive = drive(with_network_data(&text));
    assert_eq!(
        json(&drive, "network_data.json")["links"]
            .as_array()
            .unwrap()
            .len(),
        500
    );
}
