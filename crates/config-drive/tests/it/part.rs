//! Which key of a Secret counts: `getSecretDataWithFinalizer` in Metal3's `host_config_data.go`.

use std::collections::BTreeMap;

use config_drive::{Error, MAX_BYTES, Part};
use rstest::rstest;
use secrecy::ExposeSecret;

fn read(part: Part, data: &[(&str, &str)]) -> Result<Option<(&'static str, String)>, Error> {
    let data: BTreeMap<&str, &str> = data.iter().copied().collect();
    let value = part.read(|key| data.get(key).map(|text| text.as_bytes()))?;
    Ok(value.map(|value| {
        let text = str::from_utf8(value.bytes.expose_secret()).unwrap();
        (value.key, text.to_owned())
    }))
}

#[rstest]
fn a_part_is_under_its_own_key_or_under_value(
    #[values(Part::UserData, Part::NetworkData, Part::MetaData)] part: Part,
) {
    let found = |key, text: &str| Ok(Some((key, text.to_owned())));
    let own = part.key();
    assert_eq!(read(part, &[(own, "own")]), found(own, "own"));
    assert_eq!(
        read(part, &[("value", "fallback")]),
        found("value", "fallback")
    );
    assert_eq!(
        read(part, &[("value", "fallback"), (own, "own")]),
        found(own, "own")
    );
    assert_eq!(
        read(part, &[("value", "fallback"), (own, "")]),
        found(own, "")
    );
}

#[rstest]
#[case(Part::UserData)]
#[case(Part::MetaData)]
fn a_secret_without_the_keys_is_an_error(#[case] part: Part) {
    let error = read(part, &[("password", "hunter2")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("it has neither the key {part} nor the key value; add one of them")
    );
}

#[test]
fn a_secret_without_network_data_is_none() {
    assert_eq!(
        read(Part::NetworkData, &[("password", "hunter2")]),
        Ok(None)
    );
}

#[test]
fn what_is_too_large_is_not_taken() {
    let text = "x".repeat(MAX_BYTES + 1);
    assert_eq!(
        read(Part::NetworkData, &[("value", &text)]),
        Err(Error::TooLarge {
            part: Part::NetworkData,
            key: "value"
        })
    );
}
