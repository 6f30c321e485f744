//! `/_sim/…`: the simulator's own paths.

use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::{Failing, Fault, FaultKind, Scope};
use crate::http::Request;
use crate::sim::Sim;

/// A fault, as it is asked for from outside.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultBody {
    /// `status`, `slow`, `cut-before`, `cut-after`, `locked`, `database-lost`, `crash` or `fails`.
    fault: String,
    /// For `status`.
    status: Option<u16>,
    /// For `slow`, `locked` and `crash`: how long.
    seconds: Option<f64>,
    /// For `fails`: `deploy`, `clean`, `inspect`, `adopt`, `tear-down` or `power`.
    work: Option<String>,
    /// For `fails`: Ironic's words.
    words: Option<String>,
    /// How often; once if it is absent, always if it is 0.
    times: Option<u32>,
    kind: Option<String>,
    method: Option<String>,
    path: Option<String>,
    node: Option<String>,
}

pub(super) fn answer(sim: &Sim, request: &Request, path: &str) -> Response {
    match (request.method.as_str(), path) {
        ("GET", "journal") => {
            let journal = sim.journal();
            let total = journal.entries().len();
            json(200, &json!({"total": total, "counts": journal.counts()}))
        }
        ("DELETE", "journal") => {
            sim.clear_journal();
            json(200, &json!({}))
        }
        ("POST", "faults") => match fault(&request.body) {
            Ok(fault) => {
                sim.inject(fault);
                json(201, &json!({}))
            }
            Err(words) => json(400, &json!({ "error": words })),
        },
        ("DELETE", "faults") => {
            sim.clear_faults();
            json(200, &json!({}))
        }
        _ => json(404, &json!({"error": "there is nothing there"})),
    }
}

fn fault(body: &[u8]) -> Result<Fault, String> {
    let body: FaultBody = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let seconds = || {
        let seconds = body.seconds.ok_or("`seconds` is missing")?;
        Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
    };
    let kind = match body.fault.as_str() {
        "status" => {
            let status = body.status.ok_or("`status` is missing")?;
            if !(400..=599).contains(&status) {
                return Err("`status` must be between 400 and 599".to_owned());
            }
            FaultKind::Status(status)
        }
        "slow" => FaultKind::Slow(seconds()?),
        "cut-before" => FaultKind::CutBefore,
        "cut-after" => FaultKind::CutAfter,
        "locked" => FaultKind::Locked(seconds()?),
        "database-lost" => FaultKind::DatabaseLost,
        "crash" => FaultKind::Crash(seconds()?),
        "fails" => {
            let work = failing(body.work.as_deref().unwrap_or_default())?;
            FaultKind::Fails(work, body.words.unwrap_or_else(|| "it failed".to_owned()))
        }
        other => return Err(format!("there is no fault {other:?}")),
    };
    Ok(Fault {
        kind,
        on: Scope {
            kind: body.kind,
            method: body.method,
            path: body.path,
            node: body.node,
        },
        times: match body.times {
            None => Some(1),
            Some(0) => None,
            times => times,
        },
    })
}

fn failing(work: &str) -> Result<Failing, String> {
    match work {
        "deploy" => Ok(Failing::Deploy),
        "clean" => Ok(Failing::Clean),
        "inspect" => Ok(Failing::Inspect),
        "adopt" => Ok(Failing::Adopt),
        "tear-down" => Ok(Failing::TearDown),
        "power" => Ok(Failing::Power),
        "virtual-media" => Ok(Failing::VirtualMedia),
        other => Err(format!("there is no work {other:?}")),
    }
}

fn json(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let kind = axum::http::HeaderValue::from_static("application/json");
    response
        .headers_mut()
        .insert(axum::http::header::CONTENT_TYPE, kind);
    response
}
