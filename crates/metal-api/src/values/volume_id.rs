//! Names of volumes.

use std::{fmt, str::FromStr};

/// The longest name of a volume in characters.
const MAX_CHARACTERS: usize = 255;

/// The name of a volume in the system that it comes from: 1 to 255 characters without control
/// characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VolumeId(String);

impl VolumeId {
    /// The name as a string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for VolumeId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VolumeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<VolumeId> for String {
    fn from(id: VolumeId) -> Self {
        id.0
    }
}

/// Why a string is no name of a volume.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VolumeIdError {
    /// It is empty.
    #[error("the name is empty; give the volume's name in the system that it comes from")]
    Empty,
    /// It is too long.
    #[error("the name has {characters} characters; shorten it to at most {MAX_CHARACTERS}")]
    TooLong {
        /// Its length.
        characters: usize,
    },
    /// It contains a control character.
    #[error("the control character {character:?} can't be used; remove it")]
    Control {
        /// The first control character.
        character: char,
    },
}

impl FromStr for VolumeId {
    type Err = VolumeIdError;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        let characters = id.chars().count();
        if characters == 0 {
            return Err(VolumeIdError::Empty);
        }
        if characters > MAX_CHARACTERS {
            return Err(VolumeIdError::TooLong { characters });
        }
        if let Some(character) = id.chars().find(|c| c.is_control()) {
            return Err(VolumeIdError::Control { character });
        }
        Ok(Self(id.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_1_to_255_characters() {
        for id in ["v".to_owned(), "ü".repeat(255)] {
            assert_eq!(id.parse::<VolumeId>().unwrap().as_str(), id);
        }
        assert_eq!("".parse::<VolumeId>(), Err(VolumeIdError::Empty));
        assert_eq!(
            "v".repeat(256).parse::<VolumeId>(),
            Err(VolumeIdError::TooLong { characters: 256 })
        );
    }

    #[test]
    fn control_characters_are_refused() {
        for character in ['\n', '\0', '\u{7f}', '\u{85}'] {
            assert_eq!(
                format!("vol{character}1").parse::<VolumeId>(),
                Err(VolumeIdError::Control { character })
            );
        }
    }
}
