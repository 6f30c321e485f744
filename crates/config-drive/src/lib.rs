//! The config drive of a host: what is on it, the image of it, and the URL under which Ironic gets it.
//!
//! # Purpose
//! Ironic writes no config drive for a node that boots from a volume, so Ironboot makes one and has Ironic attach it as
//! virtual media.
//! [`ConfigDrive::new`] makes the files from a host and its three Secrets, as Metal3's baremetal-operator and Ironic
//! do for hosts that are deployed from an image.
//! [`ConfigDrive::image`] makes an ISO 9660 image of them, which cloud-init, Ignition, Glean and cloudbase-init find by
//! its label.
//! [`Key::fingerprint`] tells two contents apart without showing them, [`Key::sign`] makes the URL of one host's drive
//! with one content, and [`Key::verify`] says whether a request has such a URL.
//!
//! # Serving
//! No replica keeps an image.
//! Whoever is asked verifies the path, reads the Secrets that the host names *now*, makes the [`ConfigDrive`], and serves
//! its image only if its fingerprint is [`Grant::content`]; in all other cases the answer is 404, so that it tells
//! nothing.
//! So a URL is worth nothing once the host's data has changed, once the host is gone, or after [`Grant::expires`].
//! Ironic sends HEAD, then GET, and some versions HEAD again; it wants `Content-Length` in all answers and asks for no
//! ranges. With [`CACHE_CONTROL`] it keeps no copy in its cache.
//! All parts are deterministic, so any replica answers with the same bytes and `Content-Length`.
//!
//! # Secrets
//! User data holds passwords and tokens, and so may the rest: all content is in `secrecy`'s boxes, which show nothing in
//! `Debug` and are wiped when they are dropped. (Copies which a YAML reader or a growing buffer leaves in freed memory
//! are not.)
//! No error quotes content.
//! A URL is a secret as well, as long as it is valid; [`redacted`] takes it out of what Ironic reports.
//!
//! # Non-goals
//! No I/O, no clock, no randomness, no Kubernetes and no Ironic.

mod content;
mod document;
mod fingerprint;
mod hex;
mod image;
mod part;
mod signed_url;

pub use content::{ConfigDrive, Content, Error, Host};
pub use fingerprint::{Fingerprint, InvalidFingerprint, Key};
pub use image::{CACHE_CONTROL, Image, MEDIA_TYPE, VOLUME_ID};
pub use part::{MAX_BYTES, Part, SecretValue};
pub use signed_url::{Grant, InvalidGrant, PATH_PREFIX, Refused, redacted};
