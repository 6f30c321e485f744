//! Faults on demand.

use std::time::Duration;

/// Something that is to go wrong.
#[derive(Clone, Debug)]
pub struct Fault {
    /// What.
    pub kind: FaultKind,
    /// On which requests, or at which nodes.
    pub on: Scope,
    /// How often; `None` for always, until [`Sim::clear_faults`](crate::Sim::clear_faults).
    pub times: Option<u32>,
}

/// What is to go wrong.
#[derive(Clone, Debug)]
pub enum FaultKind {
    /// The answer is this status, with words of a proxy or of Ironic.
    Status(u16),
    /// The answer takes this long.
    Slow(Duration),
    /// The connection is cut before anything happened.
    CutBefore,
    /// The connection is cut after the request took effect.
    CutAfter,
    /// Another conductor holds the node for this long.
    Locked(Duration),
    /// Ironic's database is lost before the request is answered.
    DatabaseLost,
    /// Ironic dies before the request is answered, and is back after this long, without an
    /// answer. What it was doing fails.
    Crash(Duration),
    /// Something that a conductor does fails, with these words.
    Fails(Failing, String),
}

/// What a conductor does, and may fail at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failing {
    /// Deploying.
    Deploy,
    /// Cleaning.
    Clean,
    /// Inspecting.
    Inspect,
    /// Adopting.
    Adopt,
    /// Undeploying.
    TearDown,
    /// Switching a machine.
    Power,
    /// Attaching and detaching virtual media.
    VirtualMedia,
}

impl FaultKind {
    /// Whether it is about requests, not about what a conductor does.
    fn is_of_requests(&self) -> bool {
        self.failing().is_none()
    }

    /// What a conductor fails at, and its words.
    fn failing(&self) -> Option<(Failing, &str)> {
        match self {
            Self::Fails(failing, words) => Some((*failing, words)),
            Self::Status(_)
            | Self::Slow(_)
            | Self::CutBefore
            | Self::CutAfter
            | Self::Locked(_)
            | Self::DatabaseLost
            | Self::Crash(_) => None,
        }
    }
}

/// Where a fault strikes: where everything that is set fits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Requests of this kind, such as `PATCH /v1/nodes/{node}`.
    pub kind: Option<String>,
    /// Requests of this method.
    pub method: Option<String>,
    /// Requests whose path begins like this.
    pub path: Option<String>,
    /// Requests about, or work on, the node with this UUID.
    pub node: Option<String>,
}

impl Fault {
    /// A fault that strikes wherever it can, once.
    pub fn once(kind: FaultKind) -> Self {
        Self {
            kind,
            on: Scope::default(),
            times: Some(1),
        }
    }

    /// And only on requests of this kind, such as `PATCH /v1/nodes/{node}`.
    #[must_use]
    pub fn on_kind(mut self, kind: impl Into<String>) -> Self {
        self.on.kind = Some(kind.into());
        self
    }

    /// And only at this node.
    #[must_use]
    pub fn on_node(mut self, uuid: impl Into<String>) -> Self {
        self.on.node = Some(uuid.into());
        self
    }

    /// And this often.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self {
            times: Some(times),
            ..self
        }
    }

    /// And for ever.
    #[must_use]
    pub fn always(self) -> Self {
        Self {
            times: None,
            ..self
        }
    }
}

/// What a fault is compared with.
pub(crate) struct Occasion<'a> {
    pub(crate) kind: &'a str,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) node: Option<&'a str>,
}

impl Scope {
    fn fits(&self, occasion: &Occasion<'_>) -> bool {
        let Self {
            kind,
            method,
            path,
            node,
        } = self;
        kind.as_ref().is_none_or(|kind| kind == occasion.kind)
            && method
                .as_ref()
                .is_none_or(|method| method == occasion.method)
            && path
                .as_ref()
                .is_none_or(|path| occasion.path.starts_with(path.as_str()))
            && node
                .as_deref()
                .is_none_or(|node| occasion.node == Some(node))
    }

    /// Whether it fits a node's work: what is said of requests does not count.
    fn fits_node(&self, uuid: &str) -> bool {
        self.node.as_deref().is_none_or(|node| node == uuid)
    }
}

/// The faults that are waiting for their occasion, oldest first.
#[derive(Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        if fault.times != Some(0) {
            self.0.push(fault);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether none is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fault that strikes a request, if one does.
    pub(crate) fn strike_request(&mut self, occasion: &Occasion<'_>) -> Option<FaultKind> {
        self.strike(|fault| fault.kind.is_of_requests() && fault.on.fits(occasion))
    }

    /// The words of the fault that strikes what a conductor does to a node, if one does.
    pub(crate) fn strike_work(&mut self, uuid: &str, work: Failing) -> Option<String> {
        let is_struck = |fault: &Fault| {
            let failing = fault.kind.failing().map(|(failing, _)| failing);
            failing == Some(work) && fault.on.fits_node(uuid)
        };
        let kind = self.strike(is_struck)?;
        kind.failing().map(|(_, words)| words.to_owned())
    }

    fn strike(&mut self, is_struck: impl Fn(&Fault) -> bool) -> Option<FaultKind> {
        let index = self.0.iter().position(is_struck)?;
        let fault = self.0.get_mut(index)?;
        let kind = fault.kind.clone();
        match &mut fault.times {
            None => {}
            Some(times) if *times > 1 => *times -= 1,
            Some(_) => {
                self.0.remove(index);
            }
        }
        Some(kind)
    }
}
