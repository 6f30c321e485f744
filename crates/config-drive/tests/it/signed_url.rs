//! Who gets a drive: exactly those who were given the URL, for one host, one content, and some time.

use config_drive::{Fingerprint, Grant, InvalidGrant, Key, PATH_PREFIX, Refused, redacted};
use jiff::Timestamp;
use proptest::prelude::*;
use rstest::rstest;
use secrecy::ExposeSecret;
use url::Url;

use super::secrets::key;

const CONTENT: &str = "39298744.3b34caccdaf76ee7e27ae4d9f265dac883be2b7e17f7b0bd713561a6a20d613d";
const SIGNATURE: &str = "ed3f48b284a73aac82ea7bc7e204d58caf00502ca33589a86766572720faf2b1";
const EXPIRES: i64 = 1_795_392_000;

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn content() -> Fingerprint {
    CONTENT.parse().unwrap()
}

fn grant() -> Grant {
    Grant {
        namespace: "metal".to_owned(),
        name: "node-0".to_owned(),
        content: content(),
        expires: second(EXPIRES),
    }
}

fn signed(grant: &Grant) -> String {
    let base = Url::parse("https://ironboot.example:8443").unwrap();
    key().sign(&base, grant).unwrap().expose_secret().to_owned()
}

fn path() -> String {
    Url::parse(&signed(&grant())).unwrap().path().to_owned()
}

fn verify(path: &str) -> Result<Grant, Refused> {
    key().verify(path, second(EXPIRES - 1))
}

/// The signature is as Python's `hmac` computes it.
#[test]
fn a_url_names_host_content_expiry_and_ends_in_iso() {
    assert_eq!(
        signed(&grant()),
        format!(
            "https://ironboot.example:8443/config-drive/metal/node-0/{CONTENT}/{EXPIRES}/{SIGNATURE}.iso"
        )
    );
}

#[test]
fn a_url_gives_what_was_granted_until_it_expires() {
    let refused = Refused::Expired(second(EXPIRES));
    assert_eq!(verify(&path()), Ok(grant()));
    assert_eq!(key().verify(&path(), second(0)), Ok(grant()));
    assert_eq!(key().verify(&path(), second(EXPIRES)), Err(refused));
    assert_eq!(key().verify(&path(), second(EXPIRES + 1)), Err(refused));
}

#[test]
fn another_installation_refuses_it() {
    let other = Key::new(&[7; 32]);
    assert_eq!(other.verify(&path(), second(0)), Err(Refused::Forged));
}

#[rstest]
#[case::another_host("/node-0/", "/node-1/")]
#[case::another_namespace("/metal/", "/other/")]
#[case::another_content("39298744.3b", "39298744.3c")]
#[case::a_later_expiry("/1795392000/", "/1995392000/")]
#[case::another_signature("/ed3f", "/ed3e")]
#[case::an_expiry_that_is_written_otherwise("/1795392000/", "/+1795392000/")]
#[case::an_expiry_with_zeros("/1795392000/", "/01795392000/")]
fn what_was_changed_is_refused(#[case] from: &str, #[case] to: &str) {
    let changed = path().replace(from, to);
    assert_ne!(changed, path());
    assert_eq!(verify(&changed), Err(Refused::Forged));
}

#[rstest]
#[case::nothing("")]
#[case::the_root("/")]
#[case::the_prefix(PATH_PREFIX)]
#[case::no_signature(&format!("/config-drive/metal/node-0/{CONTENT}/{EXPIRES}/.iso"))]
#[case::a_short_signature(&format!("/config-drive/metal/node-0/{CONTENT}/{EXPIRES}/ed3f.iso"))]
#[case::another_ending(&format!("/config-drive/metal/node-0/{CONTENT}/{EXPIRES}/{SIGNATURE}.img"))]
#[case::upper_case(&format!("/config-drive/metal/node-0/{CONTENT}/{EXPIRES}/{}.iso", SIGNATURE.to_uppercase()))]
#[case::a_level_more(&format!("/config-drive/metal/node-0/{CONTENT}/{EXPIRES}/x/{SIGNATURE}.iso"))]
#[case::a_level_less(&format!("/config-drive/metal/node-0/{CONTENT}/{SIGNATURE}.iso"))]
#[case::a_query(&format!("/config-drive/metal/node-0/{CONTENT}/{EXPIRES}/{SIGNATURE}.iso?"))]
#[case::dots(&format!("/config-drive/metal/../node-0/{CONTENT}/{EXPIRES}/{SIGNATURE}.iso"))]
#[case::an_empty_name(&format!("/config-drive/metal//{CONTENT}/{EXPIRES}/{SIGNATURE}.iso"))]
#[case::an_encoded_name(&format!("/config-drive/metal/node%2D0/{CONTENT}/{EXPIRES}/{SIGNATURE}.iso"))]
#[case::no_content(&format!("/config-drive/metal/node-0/x/{EXPIRES}/{SIGNATURE}.iso"))]
#[case::no_time(&format!("/config-drive/metal/node-0/{CONTENT}/soon/{SIGNATURE}.iso"))]
#[case::the_end_of_time(&format!("/config-drive/metal/node-0/{CONTENT}/{}/{SIGNATURE}.iso", i64::MAX))]
#[case::another_prefix(&format!("/x/config-drive/metal/node-0/{CONTENT}/{EXPIRES}/{SIGNATURE}.iso"))]
fn what_is_no_path_of_a_drive_is_refused(#[case] path: &str) {
    assert_eq!(verify(path), Err(Refused::Malformed));
}

#[rstest]
#[case("https://ironboot.example", "https://ironboot.example/config-drive/")]
#[case("https://ironboot.example/", "https://ironboot.example/config-drive/")]
#[case(
    "https://ironboot.example/below/",
    "https://ironboot.example/below/config-drive/"
)]
#[case(
    "http://[fd00::1]:8080/below?query#part",
    "http://[fd00::1]:8080/below/config-drive/"
)]
fn the_path_is_added_to_the_base(#[case] base: &str, #[case] expected: &str) {
    let url = key().sign(&Url::parse(base).unwrap(), &grant()).unwrap();
    let url = url.expose_secret();
    assert!(url.starts_with(expected), "{url}");
    assert!(url.ends_with(&format!("/{SIGNATURE}.iso")), "{url}");
}

#[test]
fn a_base_without_a_path_is_refused() {
    let base = Url::parse("mailto:a@example").unwrap();
    let error = key().sign(&base, &grant()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the base mailto:a@example can't have a path: use an http or https URL"
    );
}

#[rstest]
#[case("")]
#[case(".")]
#[case("..")]
#[case("-a")]
#[case("a/b")]
#[case("A")]
#[case("a%2fb")]
#[case("ä")]
#[case(&"a".repeat(254))]
fn a_name_that_kubernetes_doesnt_allow_gets_no_url(#[case] name: &str) {
    let base = Url::parse("https://ironboot.example").unwrap();
    let wrong = Grant {
        name: name.to_owned(),
        ..grant()
    };
    assert_eq!(
        key().sign(&base, &wrong).unwrap_err(),
        InvalidGrant::Name {
            field: "name",
            value: name.to_owned()
        }
    );
    let wrong = Grant {
        namespace: name.to_owned(),
        ..grant()
    };
    assert!(matches!(
        key().sign(&base, &wrong),
        Err(InvalidGrant::Name {
            field: "namespace",
            ..
        })
    ));
}

proptest! {
    #[test]
    fn whatever_is_signed_is_verified(
        namespace in "[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?",
        name in "[a-z0-9]([a-z0-9.-]{0,40}[a-z0-9])?",
        expires in 1_i64..250_000_000_000,
    ) {
        let grant = Grant { namespace, name, content: content(), expires: second(expires) };
        let path = Url::parse(&signed(&grant)).unwrap().path().to_owned();
        prop_assert_eq!(key().verify(&path, second(0)), Ok(grant));
    }

    #[test]
    fn no_other_path_is_verified(index in 0_usize..200, byte in 0x20_u8..0x7f) {
        let mut changed = path().into_bytes();
        prop_assume!(index < changed.len() && changed[index] != byte);
        changed[index] = byte;
        prop_assert!(verify(&String::from_utf8(changed).unwrap()).is_err());
    }
}

#[test]
fn the_signature_is_taken_out_of_what_others_report() {
    let url = signed(&grant());
    let text = format!(
        "Could not attach device cdrom: Validation of image href {url} failed, reason: 404; {url}"
    );
    let shown = redacted(&text);
    assert!(!shown.contains(SIGNATURE), "{shown}");
    assert_eq!(shown, text.replace(SIGNATURE, "******"));
    assert_eq!(
        redacted("no /config-drive/ here: ü/"),
        "no /config-drive/ here: ü/"
    );
    assert_eq!(redacted(""), "");
}
