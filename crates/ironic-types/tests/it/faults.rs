//! What Ironic says when it refuses.

use ironic_types::Fault;
use rstest::rstest;
use secrecy::SecretString;

use crate::recorded;

#[track_caller]
fn check(body: &str, words: &str) {
    assert_eq!(Fault::from_body(body.as_bytes(), &[]).message(), words);
}

#[rstest]
#[case(recorded!("fault_not_found"), "Node nobody could not be found.")]
#[case(recorded!("fault_name_taken"), "A node with name metal~host-0 already exists.")]
#[case(
    recorded!("fault_bad_verb"),
    "The requested action \"provide\" can not be performed on node \
     \"53ef9ae8-6f94-4dcd-bf11-2554189f29bb\" while it is in state \"enroll\"."
)]
#[case(
    recorded!("fault_not_acceptable"),
    "Version 1.999 was requested but the minor version is not supported by this service. \
     The supported version range is: [1.1, 1.115]."
)]
#[case(recorded!("fault_no_route"), "Not Found")]
fn a_fault_within_a_text_is_read(#[case] body: &str, #[case] words: &str) {
    check(body, words);
}

#[test]
fn a_fault_that_is_an_object_is_read() {
    let body = r#"{"error_message": {"faultcode": "Client", "faultstring": "Not so.", "debuginfo": null}}"#;
    check(body, "Not so.");
}

#[test]
fn a_denial_from_before_the_api_is_read_and_not_taken_for_the_apis() {
    let body = r#"{"error": {"message": "Incorrect username or password", "code": 401}}"#;
    check(body, "Incorrect username or password");
    assert!(!Fault::from_body(body.as_bytes(), &[]).is_ironics());
}

#[rstest]
#[case::text_in_an_envelope(r#"{"error_message": "Service Unavailable"}"#, "Service Unavailable")]
#[case::plain_text("502 Bad Gateway\n", "502 Bad Gateway")]
#[case::nothing("", "")]
#[case::other_json(r#"["nothing", "known"]"#, r#"["nothing", "known"]"#)]
#[case::unknown_shape(r#"{"error_message": 7}"#, "")]
#[case::a_list_within(r#"{"error_message": ["a", "b", "c"]}"#, "")]
#[case::a_list(r#"["a"]"#, r#"["a"]"#)]
fn what_is_no_fault_is_read_as_far_as_it_goes(#[case] body: &str, #[case] words: &str) {
    check(body, words);
}

#[test]
fn a_page_of_a_proxy_is_cut() {
    let page = "<html>".repeat(1000);
    let fault = Fault::from_body(page.as_bytes(), &[]);
    assert_eq!(fault.message().chars().count(), 300);
}

#[test]
fn bytes_that_are_no_text_are_no_problem() {
    assert_eq!(
        Fault::from_body(b"\xff\xfe!", &[]).message(),
        "\u{fffd}\u{fffd}!"
    );
}

#[test]
fn a_locked_node_names_the_conductor() {
    let fault = Fault::from_body(recorded!("fault_node_locked").as_bytes(), &[]);
    assert_eq!(fault.locked_by(), Some("rec-conductor"));
}

#[test]
fn a_lock_is_seen_whatever_the_secrets_are() {
    let secret = SecretString::from("locked");
    let fault = Fault::from_body(recorded!("fault_node_locked").as_bytes(), &[&secret]);
    assert_eq!(fault.locked_by(), Some("rec-conductor"));
}

#[rstest]
fn other_conflicts_are_no_lock(
    #[values(
        recorded!("fault_name_taken"),
        recorded!("fault_mac_taken"),
        recorded!("fault_connector_taken"),
        recorded!("fault_boot_index_taken")
    )]
    body: &str,
) {
    assert_eq!(Fault::from_body(body.as_bytes(), &[]).locked_by(), None);
}

#[test]
fn what_ironic_repeats_of_its_own_secrets_is_left_out() {
    let body = recorded!("fault_patch_echoes_stored");
    assert!(
        body.contains("not-a-real-password"),
        "recorded from a real Ironic"
    );
    check(body, "Couldn't apply patch '{…}");
}

#[rstest]
#[case::as_it_is("planted")]
#[case::with_a_quote("plan'ted")]
#[case::with_a_double_quote("plan\"ted")]
#[case::with_both_and_a_backslash("pl\\an'te\"d")]
#[case::with_a_brace("plan}ted")]
fn what_ironic_repeats_of_the_requests_secrets_is_left_out(#[case] secret: &str) {
    let secret = SecretString::from(secret);
    let python = {
        use secrecy::ExposeSecret;
        secret
            .expose_secret()
            .replace('\\', "\\\\")
            .replace('\'', "\\'")
    };
    let body = serde_json::json!({"error_message": serde_json::json!({
        "faultstring": format!("Schema error for patch: '{python}' is not of type 'object'"),
    }).to_string()});
    let fault = Fault::from_body(body.to_string().as_bytes(), &[&secret]);
    assert_eq!(
        fault.message(),
        "Schema error for patch: '******' is not of type 'object'"
    );
}

#[test]
fn a_secret_is_left_out_however_a_real_ironic_quotes_it() {
    let secret = SecretString::from("pl\u{e4}n\"ted' sec\\ret\nx \u{1f600}");
    let fault = Fault::from_body(recorded!("fault_quoted").as_bytes(), &[&secret]);
    assert_eq!(
        fault.message(),
        "Schema error for patch: '******' is not of type 'object', 'null'"
    );
}

#[test]
fn a_long_secret_is_left_out_where_a_real_ironic_breaks_it_into_lines() {
    let secret = SecretString::from("planted secret ".repeat(10));
    let body = recorded!("fault_config_drive");
    assert!(
        body.contains(r"planted '\\n"),
        "recorded from a real Ironic"
    );
    let fault = Fault::from_body(body.as_bytes(), &[&secret]);
    assert!(!fault.message().contains("planted"), "{fault}");
    assert!(
        fault
            .message()
            .starts_with("Invalid configdrive format: '******' is"),
        "{fault}"
    );
}

#[rstest]
#[case::one_within_the_other(&["abcd", "abcdef"], "x abcdef y", "x ****** y")]
#[case::one_over_the_other(&["abcd", "cdef"], "x abcdef y", "x ****** y")]
#[case::over_itself(&["abab"], "x ababab y", "x ****** y")]
#[case::side_by_side(&["ab", "cd"], "x abcd y", "x ************ y")]
fn nothing_is_left_of_secrets_that_overlap(
    #[case] secrets: &[&str],
    #[case] words: &str,
    #[case] left: &str,
) {
    let secrets: Vec<_> = secrets
        .iter()
        .map(|text| SecretString::from(*text))
        .collect();
    let secrets: Vec<_> = secrets.iter().collect();
    assert_eq!(Fault::from_body(words.as_bytes(), &secrets).message(), left);
}

#[test]
fn words_that_only_resemble_a_secret_stay() {
    let secret = SecretString::from("a\\b");
    let words = r"ab a\c a/b";
    let fault = Fault::from_body(words.as_bytes(), &[&secret]);
    assert_eq!(fault.message(), words);
}

#[test]
fn an_empty_secret_hides_nothing() {
    let empty = SecretString::default();
    let fault = Fault::from_body(b"as it was", &[&empty]);
    assert_eq!(fault.message(), "as it was");
}

#[test]
fn a_secret_across_the_cut_is_left_out() {
    let secret = SecretString::from("planted");
    let page = format!("{}planted", "x".repeat(297));
    let fault = Fault::from_body(page.as_bytes(), &[&secret]);
    assert!(fault.message().ends_with("x***"), "{fault}");
}

#[test]
fn the_words_of_a_fault_are_one_line_of_bounded_length() {
    let words = format!("a\nFAKE LOG LINE {}", "x".repeat(100_000));
    let body = serde_json::json!({"error_message": {"faultstring": words}}).to_string();
    let fault = Fault::from_body(body.as_bytes(), &[]);
    assert!(fault.message().starts_with("a FAKE LOG LINE"));
    assert_eq!(fault.message().chars().count(), 8192);
}
