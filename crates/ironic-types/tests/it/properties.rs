//! What holds for anything that comes over the wire.

use std::fmt::Write as _;

use ironic_types::{
    BootDevice, ConnectorType, Fault, Health, Microversion, Node, Page, Patch, PowerState,
    ProvisionState, RaidLevel, RootDocument, V1Document, VolumeType, negotiate,
};
use proptest::collection::vec;
use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::{Value, json};

/// Any JSON, not too deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        // The words that Ironic's own answers are made of.
        "error_message|faultstring|Client|v1|1\\.[0-9]{1,3}|http://h/v1\\?marker=.{0,9}"
            .prop_map(Value::from),
    ];
    let key = prop_oneof![
        any::<String>(),
        "error_message|faultstring|title|description|default_version|version|min_version|id|next",
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(key.clone(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Python's `repr` of a text, with its own choice of quotes.
fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut repr = String::from(quote);
    for c in text.chars() {
        match c {
            '\n' => repr.push_str("\\n"),
            '\r' => repr.push_str("\\r"),
            '\t' => repr.push_str("\\t"),
            '\\' => repr.push_str("\\\\"),
            _ if c == quote => {
                repr.push('\\');
                repr.push(c);
            }
            ' '..='~' => repr.push(c),
            // Which other characters are left as they are depends on Python's tables; both occur.
            _ if c.is_alphanumeric() => repr.push(c),
            _ => {
                let code = u32::from(c);
                let escape = match code {
                    0..=0xff => write!(repr, "\\x{code:02x}"),
                    0x100..=0xffff => write!(repr, "\\u{code:04x}"),
                    _ => write!(repr, "\\U{code:08x}"),
                };
                escape.unwrap();
            }
        }
    }
    repr.push(quote);
    repr
}

/// Python's `pprint` of a text: broken after blanks, each piece in quotes on a line of its own.
fn pprint(text: &str) -> String {
    let pieces: Vec<_> = text.split_inclusive([' ', '\n', '\t']).map(repr).collect();
    format!("({})", pieces.join("\n     "))
}

/// Python's `json.dumps` of a text, without the quotes around it.
fn dumps(text: &str) -> String {
    let mut json = String::new();
    for c in serde_json::to_string(text).unwrap().chars() {
        if c.is_ascii() {
            json.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(json, "\\u{unit:04x}").unwrap();
            }
        }
    }
    json[1..json.len() - 1].to_owned()
}

/// A message of Ironic's around something quoted.
fn message(quoted: &str) -> String {
    format!("Schema error for patch: {quoted} is not valid.")
}

/// A body of Ironic's around a message.
fn body(message: &str) -> String {
    let fault = format!(
        r#"{{"faultcode": "Client", "faultstring": "{}"}}"#,
        dumps(message)
    );
    format!(r#"{{"error_message": "{}"}}"#, dumps(&fault))
}

/// A secret of at least four characters.
fn any_secret() -> impl Strategy<Value = String> {
    let awkward = vec![
        '\\',
        '\'',
        '"',
        '\n',
        ' ',
        '{',
        '}',
        'n',
        'x',
        'u',
        '4',
        '1',
        '\u{e4}',
        '\u{1f600}',
    ];
    let character = prop_oneof![any::<char>(), proptest::sample::select(awkward)];
    prop_oneof![
        vec(character, 4..24).prop_map(String::from_iter),
        "[!-~]{4,40}",
        // Long enough for a second line.
        "[a-z ]{80,120}",
    ]
    .prop_filter("no part of what is left", |secret| {
        let left = ["'******'", "\"******\"", "('******')", "******"]
            .map(message)
            .map(|words| format!("{words}{:?}", Fault::from_body(words.as_bytes(), &[])))
            .concat();
        !left.contains(secret.as_str())
    })
}

proptest! {
    #[test]
    fn any_bytes_are_an_error_body(bytes: Vec<u8>) {
        let fault = Fault::from_body(&bytes, &[]);
        prop_assert!(fault.message().chars().count() <= 300 || fault.is_ironics());
    }

    #[test]
    fn any_json_is_an_error_body(json in any_json(), within in any::<bool>()) {
        let json = if within { json!({ "error_message": json }) } else { json };
        let fault = Fault::from_body(json.to_string().as_bytes(), &[]);
        prop_assert_eq!(fault.is_ironics(), json.get("error_message").is_some());
    }

    #[test]
    fn what_ironic_says_of_an_error_is_read_word_for_word(words in "[^{}]{1,80}") {
        let fault = Fault::from_body(body(&words).as_bytes(), &[]);
        let line = words.trim().replace(char::is_control, " ");
        prop_assert_eq!(fault.message(), line);
    }

    #[test]
    fn no_secret_of_the_request_is_in_a_fault(secret in any_secret(), others in vec(any_secret(), 0..3)) {
        let quoted = [secret.clone(), format!("'{secret}'"), repr(&secret), pprint(&secret), dumps(&secret)];
        let secrets: Vec<_> = others.into_iter().chain([secret.clone()]).map(SecretString::from).collect();
        let secrets: Vec<_> = secrets.iter().collect();
        for message in quoted.map(|quoted| message(&quoted)) {
            for body in [body(&message), dumps(&message), dumps(&dumps(&message)), message] {
                let fault = Fault::from_body(body.as_bytes(), &secrets);
                let shown = format!("{fault} {fault:?}");
                for secret in [&secret, &repr(&secret), &dumps(&secret)] {
                    prop_assert!(!shown.contains(secret), "{secret:?} is in {shown:?}, of {body:?}");
                }
            }
        }
    }

    #[test]
    fn any_text_is_a_paging_link(next: String) {
        let page = Page::<Node> { items: Vec::new(), next: Some(next.clone()) };
        let has_marker = next.contains("?marker=") || next.contains("&marker=");
        prop_assert!(has_marker || page.next_marker().is_none());
    }

    #[test]
    fn a_marker_is_found_whatever_is_before_it(
        before in "[^?]*",
        query in "(&?[^&]*){0,4}",
        marker in "[0-9a-f-]{1,36}",
        after in "(&limit=[0-9]{1,3})?(#[a-z]*)?",
    ) {
        let next = format!("{before}?{query}&marker={marker}{after}");
        let page = Page::<Node> { items: Vec::new(), next: Some(next) };
        prop_assert_eq!(page.next_marker(), Some(marker));
    }

    #[test]
    fn any_bytes_are_no_reason_to_panic_at_a_version_document(bytes: Vec<u8>) {
        let _: Result<RootDocument, _> = serde_json::from_slice(&bytes);
        let _: Result<V1Document, _> = serde_json::from_slice(&bytes);
    }

    #[test]
    fn a_version_document_that_is_read_has_what_can_be_negotiated(
        json in any_json(),
        min: (u16, u16),
        max: (u16, u16),
    ) {
        if let Ok(root) = serde_json::from_value::<RootDocument>(json.clone()) {
            prop_assert_eq!(&json["default_version"]["version"], &json!(root.versions().max));
        }
        let version = json!({
            "id": "v1",
            "min_version": format!("{}.{}", min.0, min.1),
            "version": format!("{}.{}", max.0, max.1),
            "other": json,
        });
        let root: RootDocument = serde_json::from_value(json!({ "default_version": version })).unwrap();
        let v1: V1Document = serde_json::from_value(json!({ "id": "v1", "version": version })).unwrap();
        prop_assert_eq!(root.versions(), v1.versions());
        let needed = Microversion::v1(95);
        match negotiate(root.versions(), "try", needed) {
            Ok(sent) => prop_assert!(sent >= needed && root.versions().contains(sent)),
            Err(_) => prop_assert!(!root.versions().contains(needed)),
        }
    }

    #[test]
    fn any_version_survives_a_round_trip(major: u16, minor: u16) {
        let version = Microversion { major, minor };
        prop_assert_eq!(version.to_string().parse(), Ok(version));
    }

    #[test]
    fn unknown_values_survive_a_round_trip(text: String) {
        macro_rules! survives {
            ($($name:ident)+) => {$(
                let value: $name = serde_json::from_value(json!(text)).unwrap();
                prop_assert_eq!(serde_json::to_value(&value).unwrap(), json!(text));
                let known = $name::KNOWN.iter().any(|known| known.as_str() == text);
                prop_assert_eq!(matches!(value, $name::Unknown(_)), !known);
            )+};
        }
        survives!(ProvisionState PowerState ConnectorType VolumeType BootDevice Health RaidLevel);
    }

    #[test]
    fn a_patch_is_written_as_it_was_made(
        changes in vec(("(/[a-z_]{1,9}){1,3}", proptest::option::of(any_json()), any::<bool>()), 0..6),
    ) {
        let mut patch = Patch::new();
        let mut written = Vec::new();
        for (path, value, add) in &changes {
            let path = path.as_str();
            (patch, written) = match value {
                None => (patch.remove(path), with(written, json!({"op": "remove", "path": path}))),
                Some(value) if *add => (
                    patch.add(path, value.clone()),
                    with(written, json!({"op": "add", "path": path, "value": value})),
                ),
                Some(value) => (
                    patch.replace(path, value.clone()),
                    with(written, json!({"op": "replace", "path": path, "value": value})),
                ),
            };
        }
        prop_assert_eq!(serde_json::to_value(&patch).unwrap(), Value::from(written));
        prop_assert_eq!(patch.paths().count(), changes.len());
        prop_assert_eq!(patch.is_empty(), changes.is_empty());
        prop_assert_eq!(&patch, &patch.clone());
    }
}

fn with(mut list: Vec<Value>, item: Value) -> Vec<Value> {
    list.push(item);
    list
}
