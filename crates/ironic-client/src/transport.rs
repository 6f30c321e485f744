//! One request, one answer.

use std::time::Duration;

use ironic_types::{Call, Fault, Method, Microversion, without_secrets};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use tracing::Span;
use tracing::field::Empty;
use url::Url;

use crate::error::{ApiError, DecodeError, Error};

/// The header by which a request says which version it speaks.
const VERSION_HEADER: &str = "X-OpenStack-Ironic-API-Version";

/// The headers that may hold a request's id, the newer one first (`ironic/api/app.py`).
const REQUEST_ID_HEADERS: [&str; 2] = ["x-openstack-request-id", "openstack-request-id"];

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Sends requests to one endpoint.
pub(crate) struct Transport {
    http: reqwest::Client,
    endpoint: Url,
}

/// What came back, whatever it says.
pub(crate) struct Answer {
    pub(crate) status: u16,
    request_id: Option<String>,
    body: Vec<u8>,
}

impl Transport {
    pub(crate) fn new(endpoint: Url, timeout: Duration) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .timeout(timeout)
            .connect_timeout(CONNECT_TIMEOUT)
            // Ironic does not redirect; a body with secrets goes nowhere else.
            .redirect(Policy::none())
            .user_agent(concat!("ironic-client/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { http, endpoint })
    }

    pub(crate) fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// Sends a call once, in a version or (the root document) in none.
    pub(crate) async fn exchange<C: Call>(
        &self,
        call: &C,
        version: Option<Microversion>,
    ) -> Result<Answer, Error> {
        let request = self.request(call, version)?;
        let answer = async {
            let response = self.http.execute(request).await?;
            let status = response.status().as_u16();
            let request_id = request_id(response.headers());
            let span = Span::current();
            span.record("status", status);
            span.record("request_id", request_id.as_deref());
            tracing::debug!("Ironic answered");
            Ok(Answer {
                status,
                request_id,
                body: response.bytes().await?.into(),
            })
        };
        answer.await.map_err(|source: reqwest::Error| {
            tracing::debug!("Ironic gave no answer");
            Error::Transport {
                call: C::NAME,
                method: call.method(),
                path: call.path(),
                source: source.without_url().into(),
            }
        })
    }

    fn request<C: Call>(
        &self,
        call: &C,
        version: Option<Microversion>,
    ) -> Result<reqwest::Request, Error> {
        let mut url = self.endpoint.clone();
        let root = self.endpoint.path().trim_end_matches('/');
        // The calls' paths are encoded already, and this leaves `%` as it is.
        url.set_path(&format!("{root}{}", call.path()));
        let query = call.query();
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = reqwest::Request::new(method(call.method()), url);
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        // Two numbers and a dot always are a header's value.
        if let Some(version) = version
            && let Ok(version) = HeaderValue::try_from(version.to_string())
        {
            headers.insert(VERSION_HEADER, version);
        }
        if let Some(body) = call.body() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            let body = serde_json::to_vec(body).map_err(|source| Error::Encode {
                call: C::NAME,
                source,
            })?;
            *request.body_mut() = Some(body.into());
        }
        Ok(request)
    }
}

impl Answer {
    /// What the answer says, by its status.
    pub(crate) fn read<C: Call>(self, call: &C) -> Result<C::Response, Error> {
        let Self {
            status,
            request_id,
            body,
        } = self;
        if !(200..300).contains(&status) {
            return Err(Error::Api(Box::new(ApiError {
                call: C::NAME,
                method: call.method(),
                path: call.path(),
                status,
                request_id,
                fault: Fault::from_body(&body, &call.secrets()),
            })));
        }
        // 202 and 204 come without a body.
        let json: &[u8] = if body.is_empty() { b"null" } else { &body };
        serde_json::from_slice(json).map_err(|err| Error::Decode {
            call: C::NAME,
            method: call.method(),
            path: call.path(),
            status,
            request_id,
            source: DecodeError {
                problem: without_secrets(&err.to_string(), &call.secrets()),
            },
        })
    }
}

/// The span of one request.
pub(crate) fn span<C: Call>(call: &C) -> Span {
    tracing::info_span!(
        "ironic",
        call = C::NAME,
        method = %call.method(),
        path = call.path(),
        version = Empty,
        status = Empty,
        request_id = Empty,
    )
}

fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    REQUEST_ID_HEADERS
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok())
        .map(str::to_owned)
}
