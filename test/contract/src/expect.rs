//! Comparing JSON, with words for what differs.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// These keys of an object have these values.
pub(crate) fn has<const N: usize>(found: &Value, wanted: [(&str, Value); N]) -> Result<()> {
    for (key, wanted) in wanted {
        is(&format!("{key:?}"), &found[key], &wanted)?;
    }
    Ok(())
}

/// It is this value.
pub(crate) fn is(what: &str, found: &Value, wanted: &Value) -> Result<()> {
    ensure!(found == wanted, "{what} is {found}, wanted {wanted}");
    Ok(())
}

/// None of these keys is in the object.
pub(crate) fn lacks<const N: usize>(found: &Value, keys: [&str; N]) -> Result<()> {
    for key in keys {
        ensure!(found.get(key).is_none(), "{key:?} is there in {found}");
    }
    Ok(())
}

/// A text under a key.
pub(crate) fn text<'a>(found: &'a Value, key: &str) -> Result<&'a str> {
    found[key]
        .as_str()
        .with_context(|| format!("{key:?} is no text in {found}"))
}

/// The items of a list.
pub(crate) fn items<'a>(found: &'a Value, key: &str) -> Result<&'a [Value]> {
    found[key]
        .as_array()
        .map(Vec::as_slice)
        .with_context(|| format!("{key:?} is no list in {found}"))
}

/// The UUIDs of a list, in order.
pub(crate) fn uuids(found: &Value, key: &str) -> Result<Vec<String>> {
    items(found, key)?
        .iter()
        .map(|item| text(item, "uuid").map(str::to_owned))
        .collect()
}

/// The text under a key contains these words.
pub(crate) fn says(found: &Value, key: &str, words: &str) -> Result<()> {
    let text = text(found, key)?;
    ensure!(
        text.contains(words),
        "{key:?} is {text:?}, wanted {words:?} in it"
    );
    Ok(())
}
