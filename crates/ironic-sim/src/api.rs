//! The REST interface: what is asked, and what is answered.
//!
//! See `ironic/api/controllers`.

mod args;
pub(crate) mod checks;
mod conductors;
mod drivers;
mod error;
mod nodes;
mod paging;
mod patch;
mod ports;
mod provision;
mod root;
mod route;
mod schema;
mod states;
mod sub;
mod version;
mod vmedia;
mod volumes;

pub(crate) use error::Error;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use self::args::Args;
use self::route::Route;
use crate::http::{MAX_VERSION, MIN_VERSION, Request, Response, VERSION};
use crate::world::World;

/// What a handler needs to know about a request.
pub(crate) struct Ctx<'a> {
    pub(crate) request: &'a Request,
    /// The minor version that is spoken.
    pub(crate) minor: u16,
    /// Scheme and host that links begin with.
    pub(crate) base: String,
    /// Whether `.json` was cut off the path, as Ironic does below 1.91.
    pub(crate) had_json_suffix: bool,
}

/// A success.
pub(crate) struct Answer {
    status: u16,
    body: Option<Vec<u8>>,
    location: Option<String>,
}

impl Answer {
    /// With a body.
    pub(crate) fn json(status: u16, body: &impl serde::Serialize) -> Result<Self, Error> {
        let body = serde_json::to_vec(body).map_err(|error| Error::server(error.to_string()))?;
        Ok(Self {
            status,
            body: Some(body),
            location: None,
        })
    }

    /// 200 with a body.
    pub(crate) fn ok(body: &impl serde::Serialize) -> Result<Self, Error> {
        Self::json(200, body)
    }

    /// Without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            body: None,
            location: None,
        }
    }

    /// And where to look.
    pub(crate) fn at(self, location: String) -> Self {
        Self {
            location: Some(location),
            ..self
        }
    }
}

/// A request, so far as it is understood before it is answered.
pub(crate) struct Understood {
    /// The method and the path's template.
    pub(crate) kind: String,
    /// The UUID of the node that it is about, if it names one that exists.
    pub(crate) node: Option<String>,
}

impl Ctx<'_> {
    /// A link to something below `/v1/`.
    pub(crate) fn link(&self, path: &str) -> Value {
        json!({"href": format!("{}/v1/{path}", self.base), "rel": "self"})
    }

    /// The two links that Ironic gives everything.
    pub(crate) fn links(&self, path: &str) -> Value {
        let bookmark = json!({"href": format!("{}/{path}", self.base), "rel": "bookmark"});
        json!([self.link(path), bookmark])
    }

    /// The arguments of the query.
    pub(crate) fn query(&self, allowed: &[&str]) -> Result<Args, Error> {
        Args::of_query(&self.request.query).allow(allowed)
    }

    /// The arguments of the query and of the body, for paths that take both.
    pub(crate) fn args(&self, allowed: &[&str]) -> Result<Args, Error> {
        let is_json = self
            .request
            .header_value("Content-Type")
            .is_some_and(|kind| kind.contains("json"));
        let args = Args::of_query(&self.request.query);
        let args = if is_json {
            args.and_body(&self.request.body)
        } else {
            args
        };
        args.allow(allowed)
    }

    /// The body; an empty one is an empty object.
    ///
    /// Ironic falls over a body that is no JSON (500), and refuses one that is no UTF-8 (400).
    pub(crate) fn body(&self) -> Result<Value, Error> {
        let body = &self.request.body;
        if body.is_empty() {
            return Ok(json!({}));
        }
        if std::str::from_utf8(body).is_err() {
            return Err(Error::framework(400, ""));
        }
        serde_json::from_slice(body).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let char = column.saturating_sub(1);
            Error::server(format!(
                "Expecting value: line {line} column {column} (char {char})"
            ))
        })
    }

    /// Refuses all methods but `GET`.
    pub(crate) fn only_get(&self) -> Result<(), Error> {
        if self.request.method == "GET" {
            Ok(())
        } else {
            Err(Error::no_method())
        }
    }

    /// Refuses below this minor version, as paths are refused that came with it.
    pub(crate) fn since(&self, minor: u16) -> Result<(), Error> {
        if self.minor < minor {
            Err(Error::no_route())
        } else {
            Ok(())
        }
    }
}

/// What a request is about, without answering it.
pub(crate) fn understand(world: &World, request: &Request) -> Understood {
    let path = decoded_path(&request.path);
    let (route, _) = parse(request, &path);
    match route {
        Ok(route) => {
            let node = route
                .node_ident()
                .and_then(|ident| world.find_node(ident, u16::MAX).ok())
                .and_then(|key| world.node(key).ok())
                .map(|node| node.uuid.clone());
            Understood {
                kind: format!("{} {}", request.method, route.template()),
                node,
            }
        }
        Err(_) => Understood {
            kind: format!("{} ?", request.method),
            node: None,
        },
    }
}

/// Answers a request.
pub(crate) fn answer(world: &mut World, request: &Request) -> Response {
    let request_id = world.new_request_id();
    let range = world.settings.versions;
    let path = decoded_path(&request.path);
    let is_root = path.trim_matches('/').is_empty();
    let version = version::chosen(request, range);
    let outcome = match &version {
        // The root document is Ironic's own, and so are its errors.
        Err(error) if is_root => Err(error.clone().into_fault()),
        Err(error) => Err(error.clone()),
        Ok(minor) => {
            let (route, had_json_suffix) = parse(request, &path);
            let host = request.header_value("Host").unwrap_or("ironic-sim");
            let ctx = Ctx {
                request,
                minor: *minor,
                base: format!("http://{host}"),
                had_json_suffix,
            };
            route.and_then(|route| dispatch(world, &ctx, &route))
        }
    };
    let is_versioned = version.is_ok() && !outcome.as_ref().is_err_and(Error::is_of_framework);
    let has_range = is_versioned
        || version
            .as_ref()
            .is_err_and(|error| !error.text().starts_with("Invalid"));
    let mut response = match outcome {
        Ok(answer) => success(answer),
        Err(error) => error.into_response(),
    };
    if has_range {
        response.headers.push((MIN_VERSION, range.min.to_string()));
        response.headers.push((MAX_VERSION, range.max.to_string()));
    }
    if let (true, Ok(minor)) = (is_versioned, version) {
        response.headers.push((VERSION, format!("1.{minor}")));
    }
    response
        .headers
        .push(("x-openstack-request-id", request_id.clone()));
    response.headers.push(("openstack-request-id", request_id));
    response
}

fn success(answer: Answer) -> Response {
    let Answer {
        status,
        body,
        location,
    } = answer;
    let has_body = body.is_some();
    let mut response = Response::new(status, body.unwrap_or_default());
    if has_body {
        response
            .headers
            .push(("Content-Type", "application/json".to_owned()));
    }
    if let Some(location) = location {
        response.headers.push(("Location", location));
    }
    response
}

/// The route of a request, and whether `.json` was cut off its path for that.
fn parse<'a>(request: &Request, path: &'a str) -> (Result<Route<'a>, Error>, bool) {
    let asked = request
        .header_value(VERSION)
        .and_then(|version| version.split_once('.'))
        .and_then(|(_, minor)| minor.parse::<u16>().ok());
    let trimmed = path.trim_end_matches('/');
    let cut = match asked {
        Some(minor) if minor > 0 && minor < 91 => trimmed.strip_suffix(".json"),
        _ => None,
    };
    (Route::parse(cut.unwrap_or(path)), cut.is_some())
}

fn decoded_path(path: &str) -> String {
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

fn dispatch(world: &mut World, ctx: &Ctx<'_>, route: &Route<'_>) -> Result<Answer, Error> {
    match *route {
        Route::Root => root::root(world, ctx),
        Route::V1 => root::v1(world, ctx),
        Route::Empty { name, since } => root::empty(ctx, name, since),
        Route::Shards => root::shards(world, ctx),
        Route::Nodes => nodes::collection(world, ctx),
        Route::NodesDetail => nodes::detail(world, ctx),
        Route::NodesValidate => nodes::validate_by_query(world, ctx),
        Route::Node(ident) => nodes::one(world, ctx, ident),
        Route::NodeUnknown { ident, rest } => nodes::answer_unknown(world, ctx, ident, rest),
        Route::NodeStates { ident, what } => states::answer(world, ctx, ident, what),
        Route::NodeSub { ident, what } => sub::answer(world, ctx, ident, what),
        Route::Ports { node, is_detail } => ports::collection(world, ctx, node, is_detail),
        Route::Port { node: None, ident } => ports::one(world, ctx, ident),
        Route::Port { node: Some(_), .. } => ports::one_of_node(ctx),
        Route::Volume { node } => volumes::index(ctx, node),
        Route::Volumes { node, kind } => volumes::collection(world, ctx, node, kind),
        Route::VolumeRecord { node, kind, ident } => volumes::record(world, ctx, node, kind, ident),
        Route::Drivers => drivers::list(world, ctx),
        Route::Driver { name, what } => drivers::answer(world, ctx, name, what),
        Route::Conductors => conductors::list(world, ctx),
        Route::Conductor(name) => conductors::one(world, ctx, name),
    }
}
