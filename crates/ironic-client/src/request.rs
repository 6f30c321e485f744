//! A call as an HTTP request.

use ironic_types::{Call, Method, Microversion};
use reqwest::Request;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use url::Url;

use crate::error::Error;

/// The header by which a request says which version it speaks.
const VERSION_HEADER: &str = "X-OpenStack-Ironic-API-Version";

/// The request for a call, without credentials.
pub(crate) fn build<C: Call>(
    endpoint: &Url,
    call: &C,
    version: Option<Microversion>,
) -> Result<Request, Error> {
    let mut url = endpoint.clone();
    let root = endpoint.path().trim_end_matches('/');
    // The calls' paths are encoded already, and this leaves `%` as it is.
    url.set_path(&format!("{root}{}", call.path()));
    let query = call.query();
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    let mut request = Request::new(method(call.method()), url);
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
            method: call.method(),
            path: call.path(),
            source,
        })?;
        *request.body_mut() = Some(body.into());
    }
    Ok(request)
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
