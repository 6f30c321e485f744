//! Which fields a resource has, and since when each may be asked for.

use crate::version::{Microversion, feature};

/// A field's name and the version it came with.
pub(crate) type Field = (&'static str, Microversion);

/// The names alone, of a table where older rows come first; it does not compile otherwise.
pub(crate) const fn names<const N: usize>(table: &[Field; N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut i = 0;
    while i < N {
        assert!(i == 0 || !table[i - 1].1.is_after(table[i].1));
        names[i] = table[i].0;
        i += 1;
    }
    names
}

/// How many of a table's rows a version knows, where older rows come first.
pub(crate) const fn known<const N: usize>(table: &[Field; N], version: Microversion) -> usize {
    let mut i = 0;
    while i < N && !table[i].1.is_after(version) {
        i += 1;
    }
    i
}

/// The names of those that are used.
pub(crate) fn used<'a>(fields: &[(&'a str, bool)]) -> impl Iterator<Item = &'a str> {
    fields
        .iter()
        .filter_map(|&(name, used)| used.then_some(name))
}

/// The lowest version in which all of these may be asked for.
///
/// A name that is in none of the tables is asked for in any version: Ironic refuses what it does
/// not know.
pub(crate) fn needed<'a>(
    names: impl IntoIterator<Item = &'a str>,
    tables: &[&[Field]],
) -> Microversion {
    let since = |name| {
        let mut rows = tables.iter().copied().flatten();
        rows.find(|(field, _)| *field == name).map(|row| row.1)
    };
    names
        .into_iter()
        .filter_map(since)
        .fold(feature::INITIAL, Ord::max)
}
