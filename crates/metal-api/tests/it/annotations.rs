//! What the values of annotations mean.

use std::collections::BTreeMap;

use metal_api::annotations::{DeleteAction, Detached, Reboot, RebootMode, detached, reboots};
use rstest::rstest;

const ONE_SHOT: &str = "reboot.metal3.io";
const KEYED: &str = "reboot.metal3.io/key";

fn annotations(all: &[(&str, &str)]) -> BTreeMap<String, String> {
    all.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[rstest]
#[case::empty("", RebootMode::Soft, false)]
#[case::nothing("null", RebootMode::Soft, false)]
#[case::no_field("{}", RebootMode::Soft, false)]
#[case::soft(r#"{"mode": "soft"}"#, RebootMode::Soft, false)]
#[case::no_mode(r#"{"mode": ""}"#, RebootMode::Soft, false)]
#[case::null_mode(r#"{"mode": null}"#, RebootMode::Soft, false)]
#[case::hard(r#"{"mode": "hard"}"#, RebootMode::Hard, false)]
#[case::forced(r#"{"force": true}"#, RebootMode::Soft, true)]
#[case::not_forced(r#"{"force": false}"#, RebootMode::Soft, false)]
#[case::all(r#"{"mode":"hard","force":true}"#, RebootMode::Hard, true)]
#[case::as_go_reads_it(r#"{"Mode":"hard","FORCE":true}"#, RebootMode::Hard, true)]
#[case::with_more(r#" {"mode": "hard", "by": "me"} "#, RebootMode::Hard, false)]
fn a_reboot_that_is_understood(
    #[values(ONE_SHOT, KEYED)] name: &str,
    #[case] value: &str,
    #[case] mode: RebootMode,
    #[case] force: bool,
) {
    let annotations = annotations(&[(name, value)]);
    let expected = Reboot {
        name,
        mode,
        force,
        unreadable: None,
    };
    assert_eq!(reboots(&annotations).collect::<Vec<_>>(), [expected]);
}

#[rstest]
#[case::no_json("please", RebootMode::Soft, false, "the value is no JSON object")]
#[case::bare_word("hard", RebootMode::Soft, false, "the value is no JSON object")]
#[case::bad_json(
    r#"{"mode"= "hard"]"#,
    RebootMode::Soft,
    false,
    "the value is no JSON object"
)]
#[case::cut_off(
    r#"{"mode": "hard", "force": true"#,
    RebootMode::Soft,
    false,
    "the value is no JSON object"
)]
#[case::text(r#""hard""#, RebootMode::Soft, false, "the value is no JSON object")]
#[case::list("[]", RebootMode::Soft, false, "the value is no JSON object")]
#[case::number("1", RebootMode::Soft, false, "the value is no JSON object")]
#[case::blank(" ", RebootMode::Soft, false, "the value is no JSON object")]
#[case::other_mode(r#"{"mode": "medium"}"#, RebootMode::Soft, false, "mode is neither")]
#[case::other_mode_forced(
    r#"{"mode": "medium", "force": true}"#,
    RebootMode::Soft,
    true,
    "mode is neither"
)]
#[case::shouted_mode(r#"{"mode": "HARD"}"#, RebootMode::Soft, false, "mode is neither")]
#[case::number_for_mode(r#"{"mode": 1}"#, RebootMode::Soft, false, "mode is neither")]
#[case::text_for_force(
    r#"{"mode": "hard", "force": "true"}"#,
    RebootMode::Hard,
    false,
    "force is neither"
)]
fn a_reboot_is_understood_as_far_as_it_can_be_read(
    #[values(ONE_SHOT, KEYED)] name: &str,
    #[case] value: &str,
    #[case] mode: RebootMode,
    #[case] force: bool,
    #[case] problem: &str,
) {
    let annotations = annotations(&[(name, value)]);
    let reboot = reboots(&annotations).next().unwrap();
    assert_eq!((reboot.mode, reboot.force), (mode, force));
    let message = reboot.unreadable.unwrap().to_string();
    assert!(
        message.starts_with(&format!("{name}: {problem}")),
        "{message}"
    );
    assert!(
        message.ends_with(r#"for example {"mode": "hard"}"#),
        "{message}"
    );
}

#[rstest]
#[case("reboot.metal3.io.example.org")]
#[case("reboot.metal3.iox")]
#[case("example.metal3.io/not-reboot")]
#[case("Reboot.metal3.io")]
#[case("inspect.metal3.io")]
fn other_annotations_ask_for_no_reboot(#[case] name: &str) {
    assert_eq!(reboots(&annotations(&[(name, "")])).next(), None);
}

#[test]
fn all_reboots_are_seen_and_only_the_one_without_a_key_is_for_once() {
    let annotations = annotations(&[
        ("reboot.metal3.io/b", r#"{"mode": "hard"}"#),
        ("reboot.metal3.io/a", ""),
        ("example.org/c", ""),
        ("reboot.metal3.io", ""),
    ]);
    let seen: Vec<_> = reboots(&annotations)
        .map(|reboot| (reboot.name, reboot.is_one_shot(), reboot.mode))
        .collect();
    assert_eq!(
        seen,
        [
            ("reboot.metal3.io", true, RebootMode::Soft),
            ("reboot.metal3.io/a", false, RebootMode::Soft),
            ("reboot.metal3.io/b", false, RebootMode::Hard),
        ]
    );
}

#[rstest]
#[case::empty("", DeleteAction::Delete, false)]
#[case::any_word("true", DeleteAction::Delete, false)]
#[case::no_json("not-json", DeleteAction::Delete, false)]
#[case::cluster_api("metal3.io/capm3", DeleteAction::Delete, false)]
#[case::no_field("{}", DeleteAction::Delete, false)]
#[case::delete(r#"{"deleteAction": "delete"}"#, DeleteAction::Delete, false)]
#[case::no_action(r#"{"deleteAction": ""}"#, DeleteAction::Delete, false)]
#[case::other_action(r#"{"deleteAction": "later"}"#, DeleteAction::Delete, false)]
#[case::delay(r#"{"deleteAction":"delay"}"#, DeleteAction::Delay, false)]
#[case::forced(r#"{"force":true}"#, DeleteAction::Delete, true)]
#[case::both(r#"{"deleteAction":"delay","force":true}"#, DeleteAction::Delay, true)]
#[case::as_go_reads_it(r#"{"deleteaction":"delay","Force":true}"#, DeleteAction::Delay, true)]
#[case::text_for_force(
    r#"{"deleteAction":"delay","force":"true"}"#,
    DeleteAction::Delay,
    false
)]
#[case::number_for_action(r#"{"deleteAction":1,"force":true}"#, DeleteAction::Delete, true)]
fn a_detached_host(#[case] value: &str, #[case] delete_action: DeleteAction, #[case] force: bool) {
    let annotations = annotations(&[("baremetalhost.metal3.io/detached", value)]);
    let expected = Detached {
        delete_action,
        force,
    };
    assert_eq!(detached(&annotations), Some(expected));
}

#[test]
fn a_host_without_the_annotation_is_not_detached() {
    let others = annotations(&[("baremetalhost.metal3.io/paused", "")]);
    assert_eq!(detached(&others), None);
    assert_eq!(detached(&BTreeMap::new()), None);
}
