//! The difference of two JSON documents as a merge patch (RFC 7396).
//! A merge patch that names a resourceVersion is refused with 409 whatever else has changed; a JSON patch (RFC 6902)
//! for an older object fails in its own way instead, and can't be told from one that is wrong.

use serde_json::{Map, Value};

/// What turns `from` into `to`; none where they are equal. Lists are replaced whole, what is gone becomes null.
pub(super) fn diff(from: &Value, to: &Value) -> Option<Value> {
    match (from, to) {
        (from, to) if from == to => None,
        (Value::Object(from), Value::Object(to)) => Some(Value::Object(of_objects(from, to))),
        (_, to) => Some(to.clone()),
    }
}

fn of_objects(from: &Map<String, Value>, to: &Map<String, Value>) -> Map<String, Value> {
    let gone = from
        .keys()
        .filter(|key| !to.contains_key(*key))
        .map(|key| (key.clone(), Value::Null));
    let changed = to.iter().filter_map(|(key, value)| {
        let change = from
            .get(key)
            .map_or_else(|| Some(value.clone()), |old| diff(old, value));
        change.map(|change| (key.clone(), change))
    });
    gone.chain(changed).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case(json!({"a": 1}), json!({"a": 1}), None)]
    #[case(json!({"a": 1}), json!({"a": 2}), Some(json!({"a": 2})))]
    #[case(json!({"a": 1}), json!({}), Some(json!({"a": null})))]
    #[case(json!({}), json!({"a": {"b": 1}}), Some(json!({"a": {"b": 1}})))]
    #[case(json!({"a": {"b": 1, "c": 2}}), json!({"a": {"b": 1, "d": 3}}), Some(json!({"a": {"c": null, "d": 3}})))]
    #[case(json!({"a": [1, 2]}), json!({"a": [1]}), Some(json!({"a": [1]})))]
    fn a_patch_holds_what_differs_and_turns_one_into_the_other(
        #[case] from: Value,
        #[case] to: Value,
        #[case] expected: Option<Value>,
    ) {
        let patch = diff(&from, &to);
        assert_eq!(patch, expected);
        let mut patched = from;
        if let Some(patch) = patch {
            json_patch::merge(&mut patched, &patch);
        }
        assert_eq!(patched, to);
    }
}
