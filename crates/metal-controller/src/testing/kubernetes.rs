//! An API server in memory, behind the real client.

use std::sync::{Arc, Mutex, MutexGuard};

use http::{Method, Request, Response};
use jiff::Timestamp;
use kube::client::Body;
use serde_json::{Value, json};

use super::apply::Managers;
use super::host::NAMESPACE;
use super::objects::{Change, Key, Objects, Part, Refusal};
use super::stop::Stopper;
use crate::clock::Clock;

/// The API server. A clone is another handle to the same one.
#[derive(Clone)]
pub(crate) struct Kubernetes(Arc<Shared>);

struct Shared {
    clock: Clock,
    state: Mutex<State>,
    stopper: Stopper,
}

#[derive(Default)]
struct State {
    objects: Objects,
    managers: Managers,
    events: Vec<Value>,
    /// How many writes the operator made; its events don't count.
    writes: usize,
    /// How often a Secret was read.
    opened: usize,
    /// Whether the namespace is being deleted.
    is_ending: bool,
    /// The namespace whose hosts the operator may not read.
    forbidden: Option<&'static str>,
    /// Why no status is taken.
    refusal: Option<&'static str>,
    /// What happens to the write with a number.
    trouble: Option<(usize, Trouble)>,
}

/// What can happen to a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Somebody else has just written to the same object.
    Overtaken,
    /// It is refused with an error of the server's.
    Failed,
}

impl Kubernetes {
    pub(crate) fn new(clock: Clock) -> Self {
        Self(Arc::new(Shared {
            clock,
            state: Mutex::default(),
            stopper: Stopper::default(),
        }))
    }

    /// A client of it, as the operator has one.
    pub(crate) fn client(&self) -> kube::Client {
        let server = self.clone();
        let service = tower::service_fn(move |request| {
            let server = server.clone();
            async move { Ok::<_, kube::Error>(server.answer(request).await) }
        });
        kube::Client::new(service, "default")
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(crate) fn stopper(&self) -> &Stopper {
        &self.0.stopper
    }

    pub(crate) fn trouble(&self, write: usize, trouble: Trouble) {
        self.state().trouble = Some((write, trouble));
    }

    /// The namespace is deleted: nothing can be created in it any more.
    pub(crate) fn end_namespace(&self) {
        self.state().is_ending = true;
    }

    /// From now on the operator may not read the hosts of this namespace; with none, it may read all.
    pub(crate) fn forbid_hosts_of(&self, namespace: Option<&'static str>) {
        self.state().forbidden = namespace;
    }

    /// From now on each status is refused for this; with none, they are taken.
    pub(crate) fn refuse_statuses(&self, message: Option<&'static str>) {
        self.state().refusal = message;
    }

    /// How many writes the operator made.
    pub(crate) fn writes(&self) -> usize {
        self.state().writes
    }

    /// How often the operator read a Secret.
    pub(crate) fn opened(&self) -> usize {
        self.state().opened
    }

    pub(crate) fn version(&self) -> u64 {
        self.state().objects.version()
    }

    pub(crate) fn changes_since(&self, cursor: usize) -> Vec<Change> {
        self.state().objects.changes_since(cursor).to_vec()
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Value> {
        self.state().objects.get(key).ok().cloned()
    }

    pub(crate) fn everything(&self) -> Vec<(Key, Value)> {
        let state = self.state();
        let all = state.objects.everything();
        all.map(|(key, object)| (key.clone(), object.clone()))
            .collect()
    }

    /// All objects of a kind.
    pub(crate) fn all(&self, plural: &str) -> Vec<Value> {
        let state = self.state();
        state
            .objects
            .list(plural, None)
            .into_iter()
            .cloned()
            .collect()
    }

    pub(crate) fn events(&self) -> Vec<Value> {
        self.state().events.clone()
    }

    /// Creates an object by other hands than the operator's.
    pub(crate) fn create(&self, key: &Key, object: Value) -> Value {
        let now = self.now();
        self.state().objects.create(key, object, now).unwrap()
    }

    /// Changes an object by other hands than the operator's.
    pub(crate) fn edit(&self, key: &Key, part: Part, change: impl FnOnce(&mut Value)) {
        let mut state = self.state();
        let mut object = state.objects.get(key).unwrap().clone();
        change(&mut object);
        state.objects.write(key, part, object).unwrap();
    }

    /// Deletes an object by other hands than the operator's.
    pub(crate) fn delete(&self, key: &Key) {
        let now = self.now();
        self.state().objects.delete(key, now).unwrap();
    }

    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let body = body.collect_bytes().await.unwrap();
        let asked = Asked::read(&parts);
        let is_write = asked.is_counted_write();
        let (answer, number) = {
            let mut state = self.state();
            if is_write {
                state.writes += 1;
            } else if asked.plural == "secrets" {
                state.opened += 1;
            }
            let number = state.writes;
            let trouble = state.trouble.take_if(|(at, _)| is_write && *at == number);
            match trouble {
                Some((_, Trouble::Failed)) => (Err(failed()), number),
                Some((_, Trouble::Overtaken)) => {
                    overtake(&mut state.objects, asked.key.as_ref(), number);
                    (handle(&mut state, &asked, &body, self.now()), number)
                }
                None => (handle(&mut state, &asked, &body, self.now()), number),
            }
        };
        if is_write {
            self.0.stopper.happened(number).await;
        }
        match answer {
            Ok(object) => respond(200, &object),
            Err(Refusal {
                code,
                reason,
                message,
            }) => respond(
                code,
                &json!({
                    "kind": "Status", "apiVersion": "v1", "status": "Failure", "metadata": {},
                    "code": code, "reason": reason, "message": message,
                }),
            ),
        }
    }
}

/// A request, as far as its line and its headers tell.
struct Asked {
    method: Method,
    plural: String,
    namespace: Option<String>,
    /// Where it names an object.
    key: Option<Key>,
    part: Part,
    content_type: String,
    target: String,
}

impl Asked {
    /// `/api/v1/…` or `/apis/GROUP/VERSION/…`, then `namespaces/NAMESPACE/PLURAL/NAME/SUBRESOURCE`.
    fn read(parts: &http::request::Parts) -> Self {
        let path = parts.uri.path();
        let mut segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        segments.drain(..if segments[0] == "api" { 2 } else { 3 });
        let namespace = (segments[0] == "namespaces" && segments.len() > 2).then(|| {
            let namespace = segments[1].to_owned();
            segments.drain(..2);
            namespace
        });
        let plural = segments[0].to_owned();
        let key = segments.get(1).map(|name| Key {
            plural: plural.clone(),
            namespace: namespace.clone().unwrap_or_default(),
            name: (*name).to_owned(),
        });
        let part = match segments.get(2) {
            None => Part::Main,
            Some(&"status") => Part::Status,
            Some(other) => panic!("the subresource {other} is not simulated"),
        };
        let content_type = parts.headers.get(http::header::CONTENT_TYPE);
        Self {
            method: parts.method.clone(),
            plural,
            namespace,
            key,
            part,
            content_type: content_type
                .map(|value| value.to_str().unwrap().to_owned())
                .unwrap_or_default(),
            target: parts.uri.to_string(),
        }
    }

    fn field_manager(&self) -> &str {
        let (_, query) = self.target.split_once('?').unwrap();
        let mut manager = query.split('&');
        manager
            .find_map(|pair| pair.strip_prefix("fieldManager="))
            .unwrap()
    }

    fn is_counted_write(&self) -> bool {
        self.method != Method::GET && self.plural != "events"
    }
}

fn handle(state: &mut State, asked: &Asked, body: &[u8], now: Timestamp) -> Result<Value, Refusal> {
    let objects = &mut state.objects;
    let read =
        || serde_json::from_slice::<Value>(body).map_err(|error| invalid(&error.to_string()));
    match (asked.method.as_str(), &asked.key) {
        ("POST", None) if state.is_ending && asked.namespace.as_deref() == Some(NAMESPACE) => Err(
            forbidden("unable to create new content because it is being terminated"),
        ),
        ("POST", None) if asked.plural == "events" => {
            let event = read()?;
            state.events.push(event.clone());
            Ok(event)
        }
        ("GET", Some(key))
            if key.plural == "baremetalhosts"
                && state.forbidden == Some(key.namespace.as_str()) =>
        {
            Err(forbidden("hosts of this namespace may not be read"))
        }
        ("GET", Some(key)) => objects.get(key).cloned(),
        ("GET", None) => {
            assert!(
                !asked.target.contains("Selector=") && !asked.target.contains("watch="),
                "neither selectors nor watches are simulated: {}",
                asked.target
            );
            let items = objects.list(&asked.plural, asked.namespace.as_deref());
            let metadata = json!({"resourceVersion": objects.version().to_string()});
            Ok(json!({"kind": "List", "apiVersion": "v1", "metadata": metadata, "items": items}))
        }
        ("POST", None) => {
            let object = read()?;
            let key = Key {
                plural: asked.plural.clone(),
                namespace: asked.namespace.clone().unwrap_or_default(),
                name: object["metadata"]["name"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
            };
            objects.create(&key, object, now)
        }
        ("PUT", Some(key)) => objects.write(key, asked.part, read()?),
        ("PATCH", Some(key)) if asked.content_type == "application/apply-patch+yaml" => {
            let manager = asked.field_manager();
            state.managers.apply(objects, key, manager, &read()?)
        }
        ("PATCH", Some(_)) if asked.part == Part::Status && state.refusal.is_some() => {
            Err(Refusal {
                code: 422,
                reason: "Invalid",
                message: state.refusal.unwrap_or_default().to_owned(),
            })
        }
        ("PATCH", Some(key)) => {
            let patched = patched(objects.get(key)?, &asked.content_type, &read()?)?;
            objects.write(key, asked.part, patched)
        }
        ("DELETE", Some(key)) => {
            let options = if body.is_empty() {
                Value::Null
            } else {
                read()?
            };
            objects.check_preconditions(key, &options["preconditions"])?;
            objects.delete(key, now)
        }
        _ => panic!("{} {} is not simulated", asked.method, asked.target),
    }
}

fn patched(object: &Value, content_type: &str, patch: &Value) -> Result<Value, Refusal> {
    let mut object = object.clone();
    match content_type {
        "application/merge-patch+json" => json_patch::merge(&mut object, patch),
        "application/json-patch+json" => {
            let patch: json_patch::Patch = serde_json::from_value(patch.clone())
                .map_err(|error| invalid(&error.to_string()))?;
            json_patch::patch(&mut object, &patch).map_err(|error| invalid(&error.to_string()))?;
        }
        other => panic!("patches of type {other} are not simulated"),
    }
    Ok(object)
}

/// Somebody else writes something that is of no interest to anybody.
fn overtake(objects: &mut Objects, key: Option<&Key>, number: usize) {
    let Some(key) = key else { return };
    let Ok(object) = objects.get(key) else { return };
    let mut object = object.clone();
    let patch = json!({"metadata": {"labels": {"overtaken-by": number.to_string()}}});
    json_patch::merge(&mut object, &patch);
    objects.write(key, Part::Main, object).unwrap();
}

fn forbidden(message: &str) -> Refusal {
    Refusal {
        code: 403,
        reason: "Forbidden",
        message: message.to_owned(),
    }
}

fn failed() -> Refusal {
    Refusal {
        code: 500,
        reason: "InternalError",
        message: "etcdserver: leader changed".to_owned(),
    }
}

fn invalid(message: &str) -> Refusal {
    Refusal {
        code: 400,
        reason: "BadRequest",
        message: message.to_owned(),
    }
}

fn respond(code: u16, body: &Value) -> Response<Body> {
    Response::builder()
        .status(code)
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(Body::from(serde_json::to_vec(body).unwrap()))
        .unwrap()
}
