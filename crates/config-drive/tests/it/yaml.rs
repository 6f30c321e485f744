//! YAML means what it means to Metal3.
//!
//! `tests/data/sigs-yaml-1.6.0.tsv` was recorded from `sigs.k8s.io/yaml` 1.6.0, which Metal3 0.14 uses, as
//! `yaml.Unmarshal` into a `map[string]any` that was then marshalled: a YAML text as a JSON string, a tab, and what came of
//! it or `refused`.

use rstest::rstest;
use serde_json::{Value, json};

use super::{drive, json, refused, with_network_data};
use config_drive::ConfigDrive;

/// Where we differ, and why.
const OTHERWISE: [(&str, &str); 13] = [
    ("a: yEs", "booleans are read in any case"),
    ("a: tRUE", "likewise"),
    ("a: 1__0", "one underscore separates digits, not two"),
    ("a: 1e5_0", "and none in a float's exponent"),
    ("a: 1e400", "refused instead of read as a text"),
    (
        "a: 18446744073709551615",
        "exact; there all numbers become doubles",
    ),
    ("a: 9007199254740993", "likewise"),
    (
        "a: 1\n---\nb: 2",
        "refused; there the second document is passed over in silence",
    ),
    (
        "a: 2\n<<: {a: 1}",
        "a key goes over what is merged, wherever it stands, as YAML has it",
    ),
    ("a: !!timestamp 2026-01-01", "refused; JSON has no times"),
    ("\ta: 1", "read; there refused"),
    ("%YAML 1.2\n---\na: 1", "likewise"),
    ("a: \u{85}b", "likewise"),
];

/// JSON that isn't YAML 1.1.
const JSON: [&str; 2] = [r#"a: "\ud83d\ude00""#, r#"{"a":"x\/y"}"#];

fn recorded() -> Vec<(String, Option<Value>)> {
    include_str!("../data/sigs-yaml-1.6.0.tsv")
        .lines()
        .map(|line| {
            let (text, result) = line.split_once('\t').unwrap();
            let result = (result != "refused").then(|| serde_json::from_str(result).unwrap());
            (serde_json::from_str(text).unwrap(), result)
        })
        .collect()
}

/// `{}` leaves no file.
fn read(text: &str) -> Option<Value> {
    let drive = ConfigDrive::new(with_network_data(text)).ok()?;
    Some(match super::bytes(&drive, "network_data.json") {
        Some(bytes) => serde_json::from_slice(bytes).unwrap(),
        None => json!({}),
    })
}

#[test]
fn what_metal3_reads_is_read_the_same() {
    let mut compared = 0;
    for (text, expected) in recorded() {
        let differs = read(&text) != expected;
        let may_differ =
            OTHERWISE.iter().any(|(known, _)| *known == text) || JSON.contains(&text.as_str());
        assert_eq!(
            differs,
            may_differ,
            "{text:?}: {:?}, there {expected:?}",
            read(&text)
        );
        compared += 1;
    }
    assert_eq!(compared, 130);
}

#[rstest]
#[case("a: 18446744073709551615", json!({"a": 18_446_744_073_709_551_615_u64}))]
#[case("a: 9007199254740993", json!({"a": 9_007_199_254_740_993_u64}))]
#[case("a: 2\n<<: {a: 1}", json!({"a": 2}))]
#[case(JSON[0], json!({"a": "😀"}))]
#[case(JSON[1], json!({"a": "x/y"}))]
fn where_we_read_more_it_is_this(#[case] text: &str, #[case] expected: Value) {
    assert_eq!(
        json(&drive(with_network_data(text)), "network_data.json"),
        expected
    );
}

/// Metal3 takes one of them at random.
#[test]
fn of_keys_that_become_the_same_text_the_last_one_counts() {
    let drive = drive(with_network_data("1: a\n\"1\": b"));
    assert_eq!(json(&drive, "network_data.json"), json!({"1": "b"}));
}

#[test]
fn nesting_has_an_end() {
    let deep = |levels| format!("a: {}{}\n", "[".repeat(levels), "]".repeat(levels));
    drive(with_network_data(&deep(50)));
    refused(with_network_data(&deep(10_000)));
}
