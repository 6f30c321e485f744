//! What the lists of volume connectors and of volume targets have in common: all but the item.

/// Makes a list call, with the filters that both lists have.
macro_rules! list_volumes {
    (
        $(#[$doc:meta])*
        $call:ident of $item:ident at $path:literal as $name:literal
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $call {
            /// Those of this node.
            pub node: Option<$crate::ids::NodeId>,
            /// Whether all fields are wanted.
            pub detail: bool,
            /// The field to sort by; Ironic sorts by age if there is none.
            pub sort_key: Option<&'static str>,
            /// Which end comes first; the smallest or oldest if `None`.
            pub sort_dir: Option<$crate::calls::SortDirection>,
            /// How many at most in one page; Ironic caps it at `[api]max_limit`.
            pub limit: Option<u32>,
            /// The UUID of the last item before those wanted.
            pub marker: Option<String>,
        }

        impl $crate::call::Call for $call {
            type Body = ();
            type Response = $crate::page::Page<$item>;
            const NAME: &'static str = $name;
            const MIN_VERSION: $crate::version::Microversion = $crate::version::feature::VOLUMES;

            fn method(&self) -> $crate::call::Method {
                $crate::call::Method::Get
            }

            fn path(&self) -> String {
                $path.to_owned()
            }

            fn query(&self) -> Vec<(&'static str, String)> {
                $crate::calls::Query::default()
                    .with("node", self.node)
                    .flag("detail", self.detail)
                    .with("sort_key", self.sort_key)
                    .with("sort_dir", self.sort_dir)
                    .with("limit", self.limit)
                    .with("marker", self.marker.as_deref())
                    .0
            }
        }

        $crate::call::paged!($call of $item);
    };
}

pub(super) use list_volumes;
