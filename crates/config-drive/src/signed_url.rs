//! The URL under which Ironic gets one host's drive with one content: a capability that needs no record.
//!
//! `<base>/config-drive/<namespace>/<name>/<fingerprint>/<expiry>/<signature>.iso`
//!
//! The signature is an HMAC-SHA-256 (RFC 2104) over the path before it, the expiry is in seconds since 1970.
//! The file name ends in `.iso` because some BMCs go by it.

use std::borrow::Cow;

use jiff::Timestamp;
use ring::hmac;
use secrecy::SecretString;
use url::Url;

use crate::fingerprint::{Fingerprint, Key};
use crate::hex;

/// What the paths of all config drives begin with.
pub const PATH_PREFIX: &str = "/config-drive/";

/// What they end with.
const SUFFIX: &str = ".iso";

/// How many digits a signature has.
const SIGNATURE_DIGITS: usize = 64;

/// What a URL allows: to read one host's config drive while it has this content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The host's namespace.
    pub namespace: String,
    /// The host's name.
    pub name: String,
    /// What the drive must hold.
    pub content: Fingerprint,
    /// From this second on it is worth nothing. It should be soon: Ironic shows the URL in `last_error` when it can't
    /// get it, and logs it.
    pub expires: Timestamp,
}

/// Why there is no URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGrant {
    /// A name that Kubernetes doesn't allow, and that could be read as another path.
    #[error(
        "{field} {value:?} is no name of Kubernetes: only lower-case letters, digits, '-' and '.' are allowed, and letters and digits at both ends"
    )]
    Name {
        /// `namespace` or `name`.
        field: &'static str,
        /// What it is.
        value: String,
    },
    /// A URL that no path can be added to.
    #[error("the base {0} can't have a path: use an http or https URL")]
    Base(Url),
}

/// Why a path is refused. Tell whoever asks nothing but 404.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not the path of a config drive.
    #[error("not the path of a config drive")]
    Malformed,
    /// Nobody who had the key has made it.
    #[error("the signature isn't ours")]
    Forged,
    /// It was valid.
    #[error("expired at {0}")]
    Expired(Timestamp),
}

impl Key {
    /// The URL for a grant, below the URL under which Ironic reaches the operator.
    ///
    /// # Errors
    /// [`InvalidGrant`].
    pub fn sign(&self, base: &Url, grant: &Grant) -> Result<SecretString, InvalidGrant> {
        for (field, value) in [("namespace", &grant.namespace), ("name", &grant.name)] {
            if !is_kubernetes_name(value) {
                return Err(InvalidGrant::Name {
                    field,
                    value: value.clone(),
                });
            }
        }
        if base.cannot_be_a_base() {
            return Err(InvalidGrant::Base(base.clone()));
        }
        let signed = signed_part(grant);
        let signature = hex::encode(hmac::sign(&self.url, signed.as_bytes()).as_ref());
        let mut url = base.clone();
        let folder = base.path().trim_end_matches('/');
        url.set_path(&format!("{folder}{signed}/{signature}{SUFFIX}"));
        url.set_query(None);
        url.set_fragment(None);
        Ok(String::from(url).into())
    }

    /// What the path of a request allows. It is the path alone, from [`PATH_PREFIX`] on, as it was sent: nothing in it
    /// needs decoding.
    ///
    /// What is allowed is not yet what is there: see [the crate](crate#serving).
    ///
    /// # Errors
    /// [`Refused`].
    pub fn verify(&self, path: &str, now: Timestamp) -> Result<Grant, Refused> {
        let (signed, file) = path.rsplit_once('/').ok_or(Refused::Malformed)?;
        let signature: [u8; 32] = file
            .strip_suffix(SUFFIX)
            .and_then(hex::decode)
            .ok_or(Refused::Malformed)?;
        let grant = parse(signed).ok_or(Refused::Malformed)?;
        // In constant time, and over what was sent: no other spelling of the same grant passes.
        hmac::verify(&self.url, signed.as_bytes(), &signature).map_err(|_| Refused::Forged)?;
        if grant.expires <= now {
            return Err(Refused::Expired(grant.expires));
        }
        Ok(grant)
    }
}

fn signed_part(grant: &Grant) -> String {
    let Grant {
        namespace,
        name,
        content,
        expires,
    } = grant;
    let expires = expires.as_second();
    format!("{PATH_PREFIX}{namespace}/{name}/{content}/{expires}")
}

fn parse(signed: &str) -> Option<Grant> {
    let mut segments = signed.strip_prefix(PATH_PREFIX)?.split('/');
    let grant = Grant {
        namespace: segments
            .next()
            .filter(|it| is_kubernetes_name(it))?
            .to_owned(),
        name: segments
            .next()
            .filter(|it| is_kubernetes_name(it))?
            .to_owned(),
        content: segments.next()?.parse().ok()?,
        expires: Timestamp::from_second(segments.next()?.parse().ok()?).ok()?,
    };
    segments.next().is_none().then_some(grant)
}

/// A DNS subdomain as RFC 1123 and Kubernetes have it: no character of it means anything in a path, and it is neither
/// `.` nor `..`.
fn is_kubernetes_name(name: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9');
    name.len() <= 253
        && name.bytes().next().is_some_and(allowed)
        && name.bytes().last().is_some_and(allowed)
        && name
            .bytes()
            .all(|byte| allowed(byte) || matches!(byte, b'-' | b'.'))
}

/// A text without the signatures of our URLs, for what others report: Ironic's `last_error` quotes a URL that it can't
/// get.
pub fn redacted(text: &str) -> Cow<'_, str> {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, signature, after)) = next_signature(rest) {
        shown.push_str(before);
        shown.push_str(&"*".repeat(signature.len().min(6)));
        rest = after;
    }
    if shown.is_empty() {
        return Cow::Borrowed(text);
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// What is before, the digits, and what is after.
fn next_signature(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = text.find(PATH_PREFIX)?;
    loop {
        let slash = from + text.get(from..)?.find('/')?;
        let start = slash + 1;
        let end = start + SIGNATURE_DIGITS;
        if text
            .get(start..end)
            .is_some_and(|digits| hex::decode::<32>(digits).is_some())
        {
            return Some((&text[..start], &text[start..end], &text[end..]));
        }
        from = start;
    }
}
