//! Whom to ask.

use std::future::Future;

use ironic_types::{Call, Microversion, negotiate};

use crate::client::Ironic;
use crate::error::Error;

/// An Ironic, and in tests one that lives in virtual time.
pub(crate) trait Ask: Send + Sync {
    fn ask<C: Call + Sync>(
        &self,
        call: &C,
    ) -> impl Future<Output = Result<C::Response, Error>> + Send;

    /// Whether this Ironic speaks a version. One that doesn't say what it speaks is taken not to.
    fn speaks(&self, needed: Microversion) -> impl Future<Output = bool> + Send {
        let _ = needed;
        async { false }
    }
}

impl Ask for Ironic {
    async fn ask<C: Call + Sync>(&self, call: &C) -> Result<C::Response, Error> {
        self.send(call).await
    }

    /// What is known already is enough: every request begins with it anyway.
    async fn speaks(&self, needed: Microversion) -> bool {
        let versions = self.versions().await;
        versions.is_ok_and(|versions| negotiate(versions, "", needed).is_ok())
    }
}
