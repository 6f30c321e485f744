//! Calls about conductors.
//!
//! See `ironic/api/controllers/v1/conductor.py` and "Bare Metal API reference, Conductors".

use super::{Query, SortDirection, segment};
use crate::call::{Call, Method, paged};
use crate::conductor::Conductor;
use crate::page::Page;
use crate::version::{Microversion, feature};

/// Lists conductors, also those that are gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListConductors {
    /// Whether their drivers are wanted, too.
    pub detail: bool,
    /// The field to sort by: `hostname`, `conductor_group`, `created_at` or `updated_at`; Ironic
    /// sorts by age if there is none.
    pub sort_key: Option<&'static str>,
    /// Which end comes first; the smallest or oldest if `None`.
    pub sort_dir: Option<SortDirection>,
    /// How many at most in one page; Ironic caps it at `[api]max_limit`.
    pub limit: Option<u32>,
    /// The name of the last conductor before those wanted.
    pub marker: Option<String>,
}

impl Call for ListConductors {
    type Body = ();
    type Response = Page<Conductor>;
    const NAME: &'static str = "list conductors";
    const MIN_VERSION: Microversion = feature::CONDUCTORS;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        "/v1/conductors".to_owned()
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::default()
            .flag("detail", self.detail)
            .with("sort_key", self.sort_key)
            .with("sort_dir", self.sort_dir)
            .with("limit", self.limit)
            .with("marker", self.marker.as_deref())
            .0
    }
}

paged!(ListConductors of Conductor);

/// Reads a conductor, with its drivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetConductor {
    /// Its name: `[DEFAULT]host` of its configuration.
    pub hostname: String,
}

impl Call for GetConductor {
    type Body = ();
    type Response = Conductor;
    const NAME: &'static str = "get conductor";
    const MIN_VERSION: Microversion = feature::CONDUCTORS;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/conductors/{}", segment(&self.hostname))
    }
}
