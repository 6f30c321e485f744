//! Lists: which page, in which order, and where it goes on
//! (`api/controllers/v1/collection.py`).

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;

use super::args::Args;
use super::{Ctx, Error};

/// What a list is asked for.
pub(crate) struct Paging {
    pub(crate) limit: usize,
    pub(crate) marker: Option<String>,
    pub(crate) sort_key: String,
    pub(crate) is_descending: bool,
}

/// The arguments that every list takes.
pub(crate) const PAGING: [&str; 4] = ["marker", "limit", "sort_key", "sort_dir"];

impl Paging {
    pub(crate) fn of(args: &Args, max: usize) -> Result<Self, Error> {
        let limit = match args.integer("limit")? {
            None => max,
            Some(limit) if limit <= 0 => return Err(Error::invalid("Limit must be positive")),
            Some(limit) => usize::try_from(limit).map_or(max, |limit| limit.min(max)),
        };
        let is_descending = match args.text("sort_dir")? {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(other) => {
                return Err(Error::invalid(format!(
                    "Invalid sort direction: {other}. Acceptable values are 'asc' or 'desc'"
                )));
            }
        };
        Ok(Self {
            limit,
            marker: args.uuid("marker")?.map(str::to_owned),
            sort_key: args.text("sort_key")?.unwrap_or("id").to_owned(),
            is_descending,
        })
    }

    /// Refuses to sort by a field that is not among those that can be sorted by.
    pub(crate) fn check_key(&self, unsortable: &[&str], exists: bool) -> Result<(), Error> {
        let key = &self.sort_key;
        if unsortable.contains(&key.as_str()) {
            return Err(Error::invalid(format!(
                "The sort_key value {key} is an invalid field for sorting"
            )));
        }
        if key != "id" && !exists {
            return Err(Error::invalid(format!(
                "The sort_key value \"{key}\" is an invalid field for sorting"
            )));
        }
        Ok(())
    }

    /// The page of these items: sorted, behind the marker, as many as were asked for.
    ///
    /// `items` come in the order of their creation; `value` gives what is sorted by.
    pub(crate) fn page<T: Copy + PartialEq>(
        &self,
        mut items: Vec<T>,
        marker: Option<T>,
        value: impl Fn(T) -> Value,
    ) -> Vec<T> {
        if self.sort_key != "id" {
            items.sort_by_cached_key(|&item| SortValue::of(value(item)));
        }
        if self.is_descending {
            items.reverse();
        }
        let start = marker
            .and_then(|marker| items.iter().position(|&item| item == marker))
            .map_or(0, |position| position + 1);
        items.into_iter().skip(start).take(self.limit).collect()
    }

    /// Where a list goes on after a full page. Ironic leaves out filters such as `node`, and names
    /// a next page even if there is nothing on it.
    pub(crate) fn next(
        &self,
        ctx: &Ctx<'_>,
        resource: &str,
        extra: &[(&str, String)],
        fields: Option<&[String]>,
        last: Option<&str>,
        count: usize,
    ) -> Option<String> {
        let marker = last.filter(|_| count == self.limit)?;
        let direction = if self.is_descending { "desc" } else { "asc" };
        let mut query = vec![
            format!("sort_key={}", self.sort_key),
            format!("sort_dir={direction}"),
        ];
        query.extend(extra.iter().map(|(name, value)| format!("{name}={value}")));
        if let Some(fields) = fields.filter(|fields| !fields.is_empty()) {
            query.push(format!("fields={}", fields.join(",")));
        }
        query.push(format!("limit={}", self.limit));
        query.push(format!("marker={marker}"));
        Some(format!("{}/v1/{resource}?{}", ctx.base, query.join("&")))
    }
}

/// A value that can be sorted by, as a database would: nothing, numbers, texts.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum SortValue {
    Nothing,
    Number(i64),
    Text(String),
}

impl SortValue {
    fn of(value: Value) -> Self {
        match value {
            Value::Null => Self::Nothing,
            Value::Bool(flag) => Self::Number(i64::from(flag)),
            Value::Number(number) => Self::Number(number.as_i64().unwrap_or_default()),
            Value::String(text) => Self::Text(text),
            other @ (Value::Array(_) | Value::Object(_)) => Self::Text(other.to_string()),
        }
    }
}

/// A page, ready to be written.
pub(crate) struct Page<'a, T> {
    pub(crate) name: &'a str,
    pub(crate) items: Vec<T>,
    pub(crate) next: Option<String>,
}

impl<T: Serialize> Serialize for Page<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(self.name, &self.items)?;
        if let Some(next) = &self.next {
            map.serialize_entry("next", next)?;
        }
        map.end()
    }
}

/// The fields that a list shows: those asked for, all of them, or the usual ones.
pub(crate) fn fields_of_list(
    ctx: &Ctx<'_>,
    fields: Option<Vec<String>>,
    detail: Option<bool>,
    usual: &[&str],
) -> Result<Option<Vec<String>>, Error> {
    if detail.is_some() && ctx.minor < 43 {
        let flag = if detail == Some(true) {
            "True"
        } else {
            "False"
        };
        return Err(Error::invalid(format!(
            "Invalid query parameter ?detail={flag} received."
        )));
    }
    match (fields, detail) {
        (Some(_), Some(true)) => Err(Error::invalid(
            "Can not specify ?detail=True and fields in the same request.",
        )),
        (Some(fields), _) => Ok(Some(fields)),
        (None, Some(true)) => Ok(None),
        (None, _) => Ok(Some(usual.iter().map(|&field| field.to_owned()).collect())),
    }
}

/// An object of which only some fields are shown, in Ironic's order; `links` always are.
pub(crate) struct Shown(pub(crate) Vec<(&'static str, Value)>);

impl Shown {
    /// Only these fields, or all.
    pub(crate) fn only(mut self, fields: Option<&[String]>) -> Self {
        if let Some(fields) = fields {
            self.0
                .retain(|(name, _)| *name == "links" || fields.iter().any(|field| field == name));
        }
        self
    }

    /// Refuses fields that there are not.
    pub(crate) fn check(&self, fields: Option<&[String]>) -> Result<(), Error> {
        let unknown: Vec<&str> = fields
            .unwrap_or_default()
            .iter()
            .map(String::as_str)
            .filter(|field| self.0.iter().all(|(name, _)| name != field))
            .collect();
        if unknown.is_empty() {
            Ok(())
        } else {
            Err(Error::invalid(format!(
                "Field(s) \"{}\" are not valid",
                unknown.join(", ")
            )))
        }
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
