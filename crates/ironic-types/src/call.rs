//! What all calls have in common.

use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::page::Page;
use crate::version::Microversion;
use crate::wire_enum::closed_enum;

closed_enum! {
    /// An HTTP method.
    pub enum Method {
        /// Reads.
        Get = "GET",
        /// Creates.
        Post = "POST",
        /// Asks for a state.
        Put = "PUT",
        /// Changes.
        Patch = "PATCH",
        /// Removes.
        Delete = "DELETE",
    }
}

/// A request to Ironic, as a value.
///
/// Whoever sends it chooses the version by [`negotiate`](crate::negotiate) with [`Call::NAME`] and
/// [`Call::required_version`].
pub trait Call {
    /// The body of the request; `()` for calls without.
    type Body: Serialize + ?Sized;
    /// What Ironic answers.
    type Response: DeserializeOwned + Send;

    /// What it does, in words: for messages, spans and metrics.
    const NAME: &'static str;
    /// The lowest version that knows the call at all.
    const MIN_VERSION: Microversion;

    /// The method.
    fn method(&self) -> Method;

    /// The path below the endpoint, percent-encoded, such as `/v1/nodes`.
    fn path(&self) -> String;

    /// The query: names and values, not encoded.
    fn query(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// The body.
    fn body(&self) -> Option<&Self::Body> {
        None
    }

    /// The lowest version that does all that this value asks for.
    fn required_version(&self) -> Microversion {
        Self::MIN_VERSION
    }

    /// The secrets in the body: Ironic may repeat them in what it says about an error.
    fn secrets(&self) -> Vec<&SecretString> {
        Vec::new()
    }
}

/// A call that Ironic answers page by page.
pub trait ListCall: Call<Response = Page<Self::Item>> + Clone {
    /// What the list is of.
    type Item: DeserializeOwned;

    /// The call that asks for what comes after this marker, all else unchanged.
    #[must_use]
    fn after(self, marker: String) -> Self;
}

/// Says of a call with a `marker` that Ironic answers it page by page.
macro_rules! paged {
    ($call:ident of $item:ty) => {
        impl $crate::call::ListCall for $call {
            type Item = $item;

            fn after(self, marker: String) -> Self {
                Self {
                    marker: Some(marker),
                    ..self
                }
            }
        }
    };
}

pub(crate) use paged;
