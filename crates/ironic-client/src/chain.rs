//! Errors in one line.

use std::error::Error;
use std::fmt;

/// Shows an error and its causes on one line, outermost first.
///
/// The errors of this crate say only what they were doing themselves; what made it fail is in
/// their [`source`](Error::source). For a log or a message that is read by people, both are needed.
pub struct Chain<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
