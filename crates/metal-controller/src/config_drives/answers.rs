//! What a request for a config drive is answered.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use config_drive::{Grant, Image, Refused};
use ironic_client::Chain;
use kube::Api;
use kube::core::error_boundary::InvalidObject;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tracing::{debug, info, warn};

use crate::clock::Clock;
use crate::credentials::{self, NoConfigDrive, Secrets};
use crate::metrics::{ConfigDriveAnswer, Metrics};
use crate::reconcile::Stored;

/// So many drives are in memory at once; each may have three mebibytes. Who has no URL of ours takes no place.
const AT_ONCE: usize = 16;

/// How long Kubernetes has to show what a drive is made of. Some versions of Ironic wait for 5 s, others for a minute.
const PATIENCE: Duration = Duration::from_secs(10);

/// All that an answer depends on.
pub(super) struct Answers {
    kube: kube::Client,
    secrets: Arc<Secrets>,
    /// The path of the URL under which Ironic reaches us, without a slash at its end. Who stands in between may have
    /// taken it off.
    folder: String,
    clock: Clock,
    metrics: Metrics,
    places: Arc<Semaphore>,
}

/// Why there is no image. Who asks is told nothing of it.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error(transparent)]
    Url(#[from] Refused),
    #[error("there is no such host")]
    NoHost,
    #[error("the host can't be read as one")]
    UnreadableHost(#[source] Box<InvalidObject>),
    #[error(transparent)]
    NoDrive(#[from] NoConfigDrive),
    #[error("the host's data is not what the URL was signed for")]
    Changed,
    #[error("failed to read the host")]
    Host(#[source] kube::Error),
    #[error(transparent)]
    Credentials(#[from] credentials::Error),
    #[error("Kubernetes has not shown what the drive is made of for {PATIENCE:?}")]
    Slow,
}

impl Answers {
    pub(super) fn new(
        kube: kube::Client,
        secrets: Arc<Secrets>,
        url: &url::Url,
        metrics: Metrics,
    ) -> Self {
        Self {
            kube,
            secrets,
            folder: url.path().trim_end_matches('/').to_owned(),
            clock: Clock::System,
            metrics,
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    #[cfg(test)]
    pub(super) fn set_clock(&mut self, clock: Clock) {
        self.clock = clock;
    }

    /// The answer to a request for a path. HEAD has the headers of GET.
    pub(super) async fn answer(&self, method: &Method, path: &str) -> Response {
        let (answer, response) = match *method {
            Method::GET | Method::HEAD => self.answer_for(method, path).await,
            _ => {
                warn!(%method, "a request for a config drive was refused: neither GET nor HEAD");
                let allowed = [(ALLOW, HeaderValue::from_static("GET, HEAD"))];
                let refusal = (StatusCode::METHOD_NOT_ALLOWED, allowed);
                (ConfigDriveAnswer::Refused, refusal.into_response())
            }
        };
        self.metrics.config_drive_answered(answer);
        response
    }

    async fn answer_for(&self, method: &Method, path: &str) -> (ConfigDriveAnswer, Response) {
        let grant = match self.verified(path).await {
            Ok(grant) => grant,
            Err(problem) => {
                let error = Chain(&problem);
                // Not the path: a signature may be in it.
                warn!(%error, "a request for a config drive was refused");
                return problem.told();
            }
        };
        let Grant {
            namespace, name, ..
        } = &grant;
        let drive = timeout(PATIENCE, self.drive(&grant)).await;
        match drive.unwrap_or(Err(Problem::Slow)) {
            Ok(drive) => {
                if *method == Method::HEAD {
                    debug!(%namespace, %name, "a config drive was looked for");
                } else {
                    info!(%namespace, %name, "a config drive is sent");
                }
                (ConfigDriveAnswer::Sent, drive.sent(method))
            }
            Err(problem) => {
                let error = Chain(&problem);
                warn!(%namespace, %name, %error, "a config drive was not sent");
                problem.told()
            }
        }
    }

    /// What the path allows.
    async fn verified(&self, path: &str) -> Result<Grant, Problem> {
        let path = path.strip_prefix(self.folder.as_str()).unwrap_or(path);
        if !path.starts_with(config_drive::PATH_PREFIX) {
            // Whoever looks around doesn't make us ask Kubernetes for the key.
            return Err(Refused::Malformed.into());
        }
        let key = self.secrets.config_drive_key().await?;
        Ok(key.verify(path, self.clock.now())?)
    }

    /// The drive as the host and its Secrets are now, if it is the one that is allowed.
    async fn drive(&self, grant: &Grant) -> Result<Drive, Problem> {
        let place = self.places.clone().acquire_owned().await.ok();
        let hosts: Api<Stored> = Api::namespaced(self.kube.clone(), &grant.namespace);
        let found = hosts.get_opt(&grant.name).await.map_err(Problem::Host)?;
        let host = found.ok_or(Problem::NoHost)?;
        let host = host
            .0
            .map_err(|error| Problem::UnreadableHost(Box::new(error)))?;
        let drive = self.secrets.config_drive(&host).await??;
        let key = self.secrets.config_drive_key().await?;
        if key.fingerprint(&drive) != grant.content {
            return Err(Problem::Changed);
        }
        let image = drive.image();
        Ok(Drive {
            image,
            _place: place,
        })
    }
}

impl Problem {
    /// 404 for all that isn't right, so that it tells nothing; 503 if it may be right, and can't be known now.
    fn told(&self) -> (ConfigDriveAnswer, Response) {
        let (answer, status) = match self {
            Self::Url(_)
            | Self::NoHost
            | Self::UnreadableHost(_)
            | Self::NoDrive(_)
            | Self::Changed => (ConfigDriveAnswer::Refused, StatusCode::NOT_FOUND),
            Self::Host(_) | Self::Credentials(_) | Self::Slow => {
                (ConfigDriveAnswer::Failed, StatusCode::SERVICE_UNAVAILABLE)
            }
        };
        (answer, status.into_response())
    }
}

/// An image, and the place that it takes until it is sent.
struct Drive {
    image: Image,
    _place: Option<OwnedSemaphorePermit>,
}

impl AsRef<[u8]> for Drive {
    fn as_ref(&self) -> &[u8] {
        self.image.as_ref()
    }
}

impl Drive {
    fn sent(self, method: &Method) -> Response {
        let headers = HeaderMap::from_iter([
            (CONTENT_LENGTH, self.image.size().into()),
            (
                CONTENT_TYPE,
                HeaderValue::from_static(config_drive::MEDIA_TYPE),
            ),
            (
                CACHE_CONTROL,
                HeaderValue::from_static(config_drive::CACHE_CONTROL),
            ),
        ]);
        let body = match *method {
            Method::HEAD => Body::empty(),
            // Wiped once it was read.
            _ => Body::from(Bytes::from_owner(self)),
        };
        let mut response = Response::new(body);
        *response.headers_mut() = headers;
        response
    }
}
