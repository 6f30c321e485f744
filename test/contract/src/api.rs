//! Ironic by raw HTTP: for what the typed client can't or won't send, and for exact JSON.

use std::time::Duration;

use anyhow::{Context, Result};
use ironic_types::{FLOOR, Microversion};
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::Value;
use url::Url;

use crate::answer::Answer;

const VERSION: &str = "X-OpenStack-Ironic-API-Version";
/// A validation asks the BMC, which may be slow on a busy computer.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Sends requests in one version of the API: the oldest that Ironboot supports, unless told otherwise.
#[derive(Debug, Clone)]
pub struct Api {
    http: reqwest::Client,
    root: String,
    version: Option<String>,
}

impl Api {
    /// Requests to the Ironic at this address.
    pub fn new(root: &Url) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(TIMEOUT).build()?;
        Ok(Self {
            http,
            root: root.as_str().trim_end_matches('/').to_owned(),
            version: Some(FLOOR.to_string()),
        })
    }

    /// The same in version 1.`minor`.
    #[must_use]
    pub fn at(&self, minor: u16) -> Self {
        self.in_version(&Microversion::v1(minor).to_string())
    }

    /// The same with this text for a version, which may be none.
    #[must_use]
    pub fn in_version(&self, version: &str) -> Self {
        Self {
            version: Some(version.to_owned()),
            ..self.clone()
        }
    }

    /// The same without saying a version.
    #[must_use]
    pub fn without_version(&self) -> Self {
        Self {
            version: None,
            ..self.clone()
        }
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.send(Method::GET, path, None).await
    }

    /// Removes.
    pub async fn delete(&self, path: &str) -> Result<Answer> {
        self.send(Method::DELETE, path, None).await
    }

    /// Creates.
    pub async fn post(&self, path: &str, body: Value) -> Result<Answer> {
        self.send(Method::POST, path, Some(body.to_string())).await
    }

    /// Asks for a state.
    pub async fn put(&self, path: &str, body: Value) -> Result<Answer> {
        self.send(Method::PUT, path, Some(body.to_string())).await
    }

    /// Changes.
    pub async fn patch(&self, path: &str, body: Value) -> Result<Answer> {
        self.send(Method::PATCH, path, Some(body.to_string())).await
    }

    /// Sends a body as it is, which may be no JSON.
    pub async fn send(&self, method: Method, path: &str, body: Option<String>) -> Result<Answer> {
        let asked = format!("{method} {path}");
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.root))
            .header(ACCEPT, "application/json");
        if let Some(version) = &self.version {
            request = request.header(VERSION, version);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let response = request
            .send()
            .await
            .with_context(|| format!("{asked} was not answered"))?;
        Ok(Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response
                .text()
                .await
                .with_context(|| format!("the answer to {asked} ended early"))?,
            asked,
        })
    }
}
