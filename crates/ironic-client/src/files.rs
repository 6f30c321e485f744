//! Files, and what is made of them anew when they change.
//!
//! The files' contents are compared, not their times: what a Kubernetes volume shows is replaced by
//! a link that points elsewhere, and the files are small.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretBox};
use tokio::sync::Mutex;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use crate::builder::BuildError;
use crate::chain::Chain;

/// More than any bundle of authorities has.
const LARGEST: u64 = 1 << 20;
/// A file system that takes longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(5);

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("could not use {} as {role}", path.display())]
pub struct FileError {
    /// Which.
    pub path: PathBuf,
    /// What it is for, such as `the password`.
    pub role: &'static str,
    /// What is wrong with it.
    #[source]
    pub problem: FileProblem,
}

/// What is wrong with a file. Never shows what is in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileProblem {
    /// It is not there, or must not be read.
    #[error("it cannot be read")]
    Unreadable(#[source] io::Error),
    /// What is in it is not what it should be; in words, such as `is empty`.
    #[error("it {0}")]
    Unfit(&'static str),
    /// What is in it is of no use for TLS.
    #[error("what it holds is of no use for TLS")]
    Tls(#[source] rustls::Error),
}

/// A file that was read. The bytes are wiped when it is dropped.
pub(crate) struct File {
    path: PathBuf,
    role: &'static str,
    bytes: SecretBox<Vec<u8>>,
}

impl File {
    /// Blocks.
    pub(crate) fn read(path: &Path, role: &'static str) -> Result<Self, FileError> {
        match contents(path) {
            Ok(bytes) => Ok(Self {
                path: path.to_owned(),
                role,
                bytes: SecretBox::new(Box::new(bytes)),
            }),
            Err(problem) => Err(FileError {
                path: path.to_owned(),
                role,
                problem,
            }),
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.expose_secret()
    }

    pub(crate) fn error(&self, problem: FileProblem) -> FileError {
        FileError {
            path: self.path.clone(),
            role: self.role,
            problem,
        }
    }

    pub(crate) fn unfit(&self, problem: &'static str) -> FileError {
        self.error(FileProblem::Unfit(problem))
    }
}

/// What is in a regular file of no more than [`LARGEST`] bytes: others may have no end.
fn contents(path: &Path) -> Result<Vec<u8>, FileProblem> {
    let kind = std::fs::metadata(path).map_err(FileProblem::Unreadable)?;
    if !kind.is_file() {
        return Err(FileProblem::Unfit("is no regular file"));
    }
    let file = std::fs::File::open(path).map_err(FileProblem::Unreadable)?;
    let mut bytes = Vec::new();
    let read = file.take(LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(FileProblem::Unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(FileProblem::Unfit("has more than a mebibyte"));
    }
    Ok(bytes)
}

impl PartialEq for File {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.bytes() == other.bytes()
    }
}

/// How something is made of files.
pub(crate) trait Recipe: Send + Sync + 'static {
    /// What the files hold.
    type Read: PartialEq + Send + 'static;
    type Made: Send + Sync;

    /// What is made, for the log.
    const WHAT: &'static str;

    /// Whether there are files at all, so that what is made may change.
    fn has_files(&self) -> bool;

    /// Blocks.
    fn read(&self) -> Result<Self::Read, BuildError>;

    fn make(&self, read: &Self::Read) -> Result<Self::Made, BuildError>;
}

/// What a recipe makes, made anew when the files change.
pub(crate) struct Renewed<R: Recipe> {
    recipe: Arc<R>,
    every: Duration,
    made: RwLock<Arc<R::Made>>,
    /// Locked by whoever looks at the files.
    seen: Mutex<Seen<R::Read>>,
}

struct Seen<T> {
    at: Instant,
    /// A look at the files that has not come to its end: there is never more than one.
    looking: Option<JoinHandle<Result<T, BuildError>>>,
    /// What was read, or why it could not be.
    what: Result<T, String>,
}

impl<R: Recipe> Renewed<R> {
    /// Reads the files for the first time; blocks.
    pub(crate) fn new(recipe: R, every: Duration) -> Result<Self, BuildError> {
        let read = recipe.read()?;
        let made = recipe.make(&read)?;
        Ok(Self {
            recipe: Arc::new(recipe),
            every,
            made: RwLock::new(Arc::new(made)),
            seen: Mutex::new(Seen {
                at: Instant::now(),
                looking: None,
                what: Ok(read),
            }),
        })
    }

    /// What is in use. Looks at the files if it is time to, unless somebody else does.
    pub(crate) async fn get(&self) -> Arc<R::Made> {
        if self.recipe.has_files()
            && let Ok(mut seen) = self.seen.try_lock()
            && seen.at.elapsed() >= self.every
        {
            self.look(&mut seen).await;
        }
        self.current()
    }

    /// What is in use after a look at the files, if that is not `used`.
    pub(crate) async fn newer_than(&self, used: &Arc<R::Made>) -> Option<Arc<R::Made>> {
        if !self.recipe.has_files() {
            return None;
        }
        let mut seen = self.seen.lock().await;
        if Arc::ptr_eq(&self.current(), used) {
            self.look(&mut seen).await;
        }
        let current = self.current();
        (!Arc::ptr_eq(&current, used)).then_some(current)
    }

    fn current(&self) -> Arc<R::Made> {
        self.made
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    async fn look(&self, seen: &mut Seen<R::Read>) {
        let looking = seen.looking.get_or_insert_with(|| {
            let recipe = self.recipe.clone();
            spawn_blocking(move || recipe.read())
        });
        let read = timeout(PATIENCE, looking).await;
        seen.at = Instant::now();
        let Ok(read) = read else {
            tracing::warn!(
                of = R::WHAT,
                "files take long to read: what they held stays in use"
            );
            return;
        };
        seen.looking = None;
        let Ok(read) = read else {
            // The runtime ends.
            return;
        };
        let what = read.map_err(|error| Chain(&error).to_string());
        if what == seen.what {
            return;
        }
        let made = match &what {
            Ok(read) => self
                .recipe
                .make(read)
                .map_err(|error| Chain(&error).to_string()),
            Err(error) => Err(error.clone()),
        };
        seen.what = what;
        match made {
            Ok(made) => {
                *self.made.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(made);
                tracing::info!(
                    of = R::WHAT,
                    "files changed: what they hold is used from now on"
                );
            }
            Err(error) => {
                tracing::warn!(
                    error,
                    "files changed for the worse: what they held stays in use"
                );
            }
        }
    }
}
