//! Finds a text in another one, also where it was quoted on the way.
//!
//! Ironic puts what it was sent into its messages by Python's `repr` and `pprint`, and the message
//! into JSON, at times twice. So before any character there can be more backslashes than in the
//! original, a character can be an escape, and a long text can be broken into several, each in
//! quotes and on a line of its own.

use std::ops::Range;

/// A part of what is looked for: some backslashes, and what follows them.
struct Unit {
    backslashes: usize,
    /// No backslash; nothing at the end of the text only.
    then: Option<char>,
}

/// All places of `text` where `wanted` is; they may overlap.
pub(super) fn find(text: &str, wanted: &str) -> Vec<Range<usize>> {
    let units = units(wanted);
    if units.is_empty() {
        return Vec::new();
    }
    let starts = text.char_indices().filter(|&(at, c)| {
        // Any number of backslashes is taken from the first one on.
        c != '\\' || !text[..at].ends_with('\\')
    });
    starts
        .filter_map(|(at, _)| Some(at..text.len() - after(&text[at..], &units)?.len()))
        .collect()
}

fn units(wanted: &str) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut backslashes = 0;
    for c in wanted.chars() {
        if c == '\\' {
            backslashes += 1;
        } else {
            units.push(Unit {
                backslashes,
                then: Some(c),
            });
            backslashes = 0;
        }
    }
    if backslashes > 0 {
        units.push(Unit {
            backslashes,
            then: None,
        });
    }
    units
}

/// What follows the units, if `text` starts with them.
fn after<'a>(text: &'a str, units: &[Unit]) -> Option<&'a str> {
    let (first, others) = units.split_first()?;
    others.iter().try_fold(first.after(text)?, |rest, unit| {
        unit.after(rest).or_else(|| unit.after(after_break(rest)?))
    })
}

impl Unit {
    fn after<'a>(&self, text: &'a str) -> Option<&'a str> {
        let rest = text.trim_start_matches('\\');
        let found = text.len() - rest.len();
        if found < self.backslashes {
            return None;
        }
        let Some(c) = self.then else {
            return Some(rest);
        };
        let escaped = || (found > self.backslashes).then(|| after_escape(rest, c))?;
        rest.strip_prefix(c).or_else(escaped)
    }
}

/// What follows the escape of a character, whose backslash is read already.
fn after_escape(text: &str, c: char) -> Option<&str> {
    let letter = match c {
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        '\u{8}' => Some('b'),
        '\u{c}' => Some('f'),
        _ => None,
    };
    if let Some(rest) = letter.and_then(|letter| text.strip_prefix(letter)) {
        return Some(rest);
    }
    let mut units = [0; 2];
    let units = c.encode_utf16(&mut units);
    match units {
        // Of JSON: two escapes for what does not fit into one.
        [high, low] => after_hex(text, 'u', 4, u32::from(*high))
            .and_then(|rest| rest.strip_prefix('\\'))
            .and_then(|rest| {
                let rest = rest.trim_start_matches('\\');
                after_hex(rest, 'u', 4, u32::from(*low))
            }),
        _ => after_hex(text, 'u', 4, u32::from(c)),
    }
    .or_else(|| after_hex(text, 'x', 2, u32::from(c)))
    .or_else(|| after_hex(text, 'U', 8, u32::from(c)))
}

fn after_hex(text: &str, kind: char, digits: usize, code: u32) -> Option<&str> {
    let (hex, rest) = text.strip_prefix(kind)?.split_at_checked(digits)?;
    let found = u32::from_str_radix(hex, 16).ok()?;
    (found == code).then_some(rest)
}

/// What follows the place where a long text was broken: the end of one quote, a new line, spaces,
/// and the start of the next quote.
fn after_break(text: &str) -> Option<&str> {
    let rest = after_quote(text)?;
    let line_break = Unit {
        backslashes: 0,
        then: Some('\n'),
    };
    after_quote(line_break.after(rest)?.trim_start_matches(' '))
}

fn after_quote(text: &str) -> Option<&str> {
    text.trim_start_matches('\\').strip_prefix(['\'', '"'])
}
