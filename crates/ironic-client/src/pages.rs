//! Lists, page by page.

use std::collections::HashSet;

use futures_util::stream::{self, Stream, TryStreamExt};
use ironic_types::ListCall;

use crate::ask::Ask;
use crate::error::{Error, ErrorKind};

/// Where a list is being read.
struct Reader<A, L> {
    ask: A,
    /// The call for the page that is read next.
    call: L,
    /// Where the pages that were read ended.
    markers: HashSet<String>,
}

/// Reads a list; asks for a page when the one before it is used up.
pub(crate) fn items<A: Ask, L: ListCall + Sync>(
    ask: A,
    call: L,
) -> impl Stream<Item = Result<L::Item, Error>> + use<A, L> {
    let reader = Reader {
        ask,
        call,
        markers: HashSet::new(),
    };
    stream::try_unfold(Next::Page(reader), |next| async {
        match next {
            Next::Page(reader) => reader.page().await.map(Some),
            Next::Circle(call) => Err(Error::EndlessList {
                call: L::NAME,
                method: call.method(),
                path: call.path(),
            }),
            Next::End => Ok(None),
        }
    })
    .map_ok(|items| stream::iter(items.into_iter().map(Ok)))
    .try_flatten()
}

/// What comes after a page.
enum Next<A, L> {
    Page(Reader<A, L>),
    Circle(L),
    End,
}

impl<A: Ask, L: ListCall + Sync> Reader<A, L> {
    async fn page(mut self) -> Result<(Vec<L::Item>, Next<A, L>), Error> {
        let is_first = self.markers.is_empty();
        let page = match self.ask.ask(&self.call).await {
            Ok(page) => page,
            Err(Error::Api(source)) if !is_first && source.kind() == ErrorKind::NotFound => {
                return Err(Error::ListChanged { source });
            }
            Err(error) => return Err(error),
        };
        let next = match page.next_marker() {
            None => Next::End,
            Some(marker) if !self.markers.insert(marker.clone()) => Next::Circle(self.call),
            Some(marker) => {
                self.call = self.call.after(marker);
                Next::Page(self)
            }
        };
        Ok((page.items, next))
    }
}
