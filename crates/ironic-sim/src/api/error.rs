//! Refusals, in the shapes that Ironic gives them.

use serde_json::{Value, json};

use crate::http::Response;

/// Why a request is refused, and how that is told.
#[derive(Clone, Debug)]
pub(crate) struct Error {
    pub(crate) status: u16,
    text: String,
    shape: Shape,
    /// Whether it is a lock that was in the way.
    pub(crate) is_locked: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Of Ironic's own code: `faultcode`, `faultstring`, `debuginfo`.
    Fault,
    /// Of the web framework below it: `code`, `title`, `description`.
    Framework,
    /// Of something in between: a text.
    Plain,
}

impl Error {
    pub(crate) fn new(status: u16, text: impl Into<String>) -> Self {
        Self {
            status,
            text: text.into(),
            shape: Shape::Fault,
            is_locked: false,
        }
    }

    /// 400.
    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self::new(400, text)
    }

    /// 404.
    pub(crate) fn not_found(text: impl Into<String>) -> Self {
        Self::new(404, text)
    }

    /// 409.
    pub(crate) fn conflict(text: impl Into<String>) -> Self {
        Self::new(409, text)
    }

    /// 406, as Ironic refuses what the asked version does not know.
    pub(crate) fn not_acceptable() -> Self {
        Self::new(406, "Request not acceptable.")
    }

    /// 406, where Ironic says which version it takes.
    pub(crate) fn needs_minor(minor: u16) -> Self {
        let text =
            format!("Request not acceptable. The minimal required API version should be 1.{minor}");
        Self::new(406, text)
    }

    /// 500: what Ironic trips over.
    pub(crate) fn server(text: impl Into<String>) -> Self {
        Self::new(500, text)
    }

    /// 409: a conductor holds the node.
    pub(crate) fn locked(node: &str, host: &str) -> Self {
        Self {
            is_locked: true,
            ..Self::conflict(format!(
                "Node {node} is locked by host {host}, please retry after the current operation is \
                 completed."
            ))
        }
    }

    /// An error of the web framework.
    pub(crate) fn framework(status: u16, description: impl Into<String>) -> Self {
        Self {
            shape: Shape::Framework,
            ..Self::new(status, description)
        }
    }

    /// A path that leads nowhere.
    pub(crate) fn no_route() -> Self {
        Self::framework(404, "")
    }

    /// A method that a path does not take.
    pub(crate) fn no_method() -> Self {
        Self::framework(405, "")
    }

    /// An error with a text for a body.
    pub(crate) fn plain(status: u16, text: impl Into<String>) -> Self {
        Self {
            shape: Shape::Plain,
            ..Self::new(status, text)
        }
    }

    /// The same with another status: Ironic turns some 404s into 400s.
    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The same, and not to be tried again.
    pub(crate) fn at_once(self) -> Self {
        Self {
            is_locked: false,
            ..self
        }
    }

    /// As an error of Ironic's own.
    pub(crate) fn into_fault(self) -> Self {
        Self {
            shape: Shape::Fault,
            ..self
        }
    }

    /// Its words.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether the web framework answers before a version was set.
    pub(crate) fn is_of_framework(&self) -> bool {
        self.shape == Shape::Framework
    }

    pub(crate) fn into_response(self) -> Response {
        let inner = match self.shape {
            Shape::Fault => {
                let code = if self.status < 500 {
                    "Client"
                } else {
                    "Server"
                };
                json!({"faultcode": code, "faultstring": self.text, "debuginfo": null}).to_string()
            }
            Shape::Framework => {
                let title = title(self.status);
                json!({"code": self.status, "title": title, "description": self.text}).to_string()
            }
            Shape::Plain => self.text,
        };
        let body = json!({ "error_message": Value::String(inner) });
        Response {
            headers: vec![("Content-Type", "application/json".to_owned())],
            is_locked: self.is_locked,
            ..Response::new(self.status, body.to_string().into_bytes())
        }
    }
}

fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        503 => "Service Unavailable",
        _ => "Error",
    }
}
