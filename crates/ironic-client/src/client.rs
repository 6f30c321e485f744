//! The client.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use futures_util::{Stream, TryStreamExt};
use ironic_types::calls::GetRoot;
use ironic_types::{Call, ListCall, Microversion, VersionRange, negotiate};
use tracing::{Instrument, Span};
use url::Url;

use crate::builder::IronicBuilder;
use crate::error::Error;
use crate::pages;
use crate::transport::{Transport, span};

/// Ironic's status for a version that it does not speak.
const NOT_ACCEPTABLE: u16 = 406;

/// A client of one Ironic. Clones share connections and what is known of the server.
#[derive(Clone)]
pub struct Ironic {
    inner: Arc<Inner>,
}

struct Inner {
    transport: Transport,
    /// What the server said it speaks, when it was last asked.
    versions: RwLock<Option<VersionRange>>,
}

impl Ironic {
    /// Starts a client for the Ironic at an address, given with or without `/v1`.
    pub fn builder(endpoint: Url) -> IronicBuilder {
        IronicBuilder::new(endpoint)
    }

    pub(crate) fn new(transport: Transport) -> Self {
        Self {
            inner: Arc::new(Inner {
                transport,
                versions: RwLock::new(None),
            }),
        }
    }

    /// Sends a call and reads the answer: every request goes through here.
    ///
    /// # Guarantees
    ///
    /// The request is sent in the version that [`negotiate`] chooses. What changes something takes
    /// effect once at most; what only reads is sent again as [`RetryPolicy`](crate::RetryPolicy)
    /// says.
    ///
    /// # Errors
    ///
    /// [`Error`]; [`Error::kind`] says what to do about it. After [`Error::Transport`],
    /// [`Error::TooLarge`] and [`Error::Decode`] the request may have taken effect.
    ///
    /// # Cancellation
    ///
    /// Dropping the future does not take the request back.
    pub async fn send<C: Call>(&self, call: &C) -> Result<C::Response, Error> {
        let answer = async {
            let version = self.version_for(call).await?;
            Span::current().record("version", tracing::field::display(version));
            let answer = self.inner.transport.exchange(call, Some(version)).await?;
            if answer.status == NOT_ACCEPTABLE
                && let Ok(versions) = self.refresh_versions().await
            {
                // The server was replaced by another; if that is why, say so.
                choose(versions, call)?;
            }
            Ok(answer)
        };
        answer.instrument(span(call)).await?.read(call)
    }

    /// The items of a list, page by page: a page is asked for when the items of the one before it
    /// are used up. After an error there is no more.
    ///
    /// # Caveats
    ///
    /// The pages are read one after the other: an item that is created meanwhile may be missing.
    ///
    /// # Errors
    ///
    /// Those of [`Ironic::send`], for any page; [`Error::EndlessList`]; and
    /// [`Error::ListChanged`] if what a page ended with is removed before the next page is asked
    /// for. The list then has to be read again: what was seen of it may be gone, and where to go on
    /// is not known.
    ///
    /// # Cancellation
    ///
    /// A stream that is dropped asks for no further pages.
    pub fn list<L: ListCall + Sync>(
        &self,
        call: L,
    ) -> impl Stream<Item = Result<L::Item, Error>> + use<L> {
        pages::items(self.clone(), call)
    }

    /// All items of a list: those of [`Ironic::list`], or its error.
    ///
    /// # Errors
    ///
    /// Those of [`Ironic::list`].
    pub async fn list_all<L: ListCall + Sync>(&self, call: &L) -> Result<Vec<L::Item>, Error> {
        self.list(call.clone()).try_collect().await
    }

    /// The versions that the server speaks, asked for once and remembered.
    ///
    /// # Errors
    ///
    /// Those of [`Ironic::send`].
    pub async fn versions(&self) -> Result<VersionRange, Error> {
        match self.known_versions() {
            Some(known) => Ok(known),
            None => self.refresh_versions().await,
        }
    }

    /// Whether the server speaks a version: one of [`feature`](ironic_types::feature), or what a
    /// call needs by [`Call::required_version`]. A server that does not is asked again each time,
    /// for it may have been upgraded.
    ///
    /// # Errors
    ///
    /// Those of [`Ironic::send`], if the server does not say what it speaks.
    pub async fn supports(&self, needed: Microversion) -> Result<bool, Error> {
        // The version that would be sent, as for a call.
        let spoken = |versions| negotiate(versions, "", needed).is_ok();
        Ok(self.known_versions().is_some_and(spoken) || spoken(self.refresh_versions().await?))
    }

    /// The one place where a request's version is chosen.
    async fn version_for<C: Call>(&self, call: &C) -> Result<Microversion, Error> {
        if let Some(known) = self.known_versions()
            && let Ok(version) = choose(known, call)
        {
            return Ok(version);
        }
        // Nothing is known, or what is known may be of before an upgrade.
        choose(self.refresh_versions().await?, call)
    }

    fn known_versions(&self) -> Option<VersionRange> {
        *self
            .inner
            .versions
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the server. Callers that find nothing known at the same time all ask: nobody waits for
    /// a request that is not theirs.
    async fn refresh_versions(&self) -> Result<VersionRange, Error> {
        let root = async {
            let answer = self.inner.transport.exchange(&GetRoot, None).await?;
            answer.read(&GetRoot)
        };
        let versions = root.instrument(span(&GetRoot)).await?.versions();
        *self
            .inner
            .versions
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(versions);
        Ok(versions)
    }
}

impl fmt::Debug for Ironic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ironic")
            .field("endpoint", &self.inner.transport.endpoint.as_str())
            .field("versions", &self.known_versions())
            .finish()
    }
}

fn choose<C: Call>(known: VersionRange, call: &C) -> Result<Microversion, Error> {
    negotiate(known, C::NAME, call.required_version()).map_err(|source| Error::Version {
        call: C::NAME,
        method: call.method(),
        path: call.path(),
        source,
    })
}
