//! Whom to ask.

use std::future::Future;

use ironic_types::Call;

use crate::client::Ironic;
use crate::error::Error;

/// An Ironic, and in tests one that lives in virtual time.
pub(crate) trait Ask: Send + Sync {
    fn ask<C: Call + Sync>(
        &self,
        call: &C,
    ) -> impl Future<Output = Result<C::Response, Error>> + Send;
}

impl Ask for Ironic {
    async fn ask<C: Call + Sync>(&self, call: &C) -> Result<C::Response, Error> {
        self.send(call).await
    }
}
