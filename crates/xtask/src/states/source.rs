//! Doc comments of enums, read from their source.

use std::path::Path;

use anyhow::{Context, Result, bail};

/// A variant and its doc comment, in one line.
pub(super) struct Variant {
    /// Its name.
    pub(super) name: String,
    /// What is said of it.
    pub(super) doc: String,
}

/// The variants of an enum in a file of the workspace.
pub(super) fn variants(root: &Path, file: &str, name: &str) -> Result<Vec<Variant>> {
    let path = root.join(file);
    let source =
        std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let variants = read(&source, name);
    if variants.is_empty() {
        bail!("{file} has no enum {name} whose variants have doc comments");
    }
    Ok(variants)
}

/// As rustfmt lays it out: the variants are indented by four, what is in them by more.
fn read(source: &str, name: &str) -> Vec<Variant> {
    let start = format!("pub enum {name} {{");
    let mut doc = Vec::new();
    let mut variants = Vec::new();
    let lines = source.lines().skip_while(|line| *line != start).skip(1);
    for line in lines.take_while(|line| *line != "}") {
        let Some(line) = line.strip_prefix("    ") else {
            continue;
        };
        if let Some(text) = line.strip_prefix("///") {
            doc.push(text.trim());
        } else if line.starts_with(char::is_uppercase) {
            let end = line
                .find(|c: char| !c.is_alphanumeric())
                .unwrap_or(line.len());
            variants.push(Variant {
                name: line[..end].to_owned(),
                doc: std::mem::take(&mut doc).join(" "),
            });
        }
    }
    variants
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variant_has_its_own_doc_comment_and_none_of_its_fields() {
        let source = "/// No.\npub enum Other {\n    /// No.\n    No,\n}\n\n/// Yes.\npub enum Wait {\n    /// First,\n    /// in two lines.\n    #[default]\n    #[serde(rename = \"\")]\n    First,\n    /// Second.\n    Second {\n        /// A field.\n        field: X,\n    },\n    /// Third.\n    Third(X),\n}\n";
        let read: Vec<_> = read(source, "Wait")
            .into_iter()
            .map(|variant| (variant.name, variant.doc))
            .collect();
        let expected = [
            ("First", "First, in two lines."),
            ("Second", "Second."),
            ("Third", "Third."),
        ];
        assert_eq!(
            read,
            expected.map(|(name, doc)| (name.to_owned(), doc.to_owned()))
        );
    }
}
