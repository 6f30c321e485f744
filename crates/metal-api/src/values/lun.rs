//! Numbers of volumes in a target.

use std::fmt;

/// The number of a volume in its target, 0 to 255.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lun(u8);

/// Why a number is no LUN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the LUN {lun} can't be used; give a number from 0 to 255")]
pub struct LunError {
    /// The number.
    pub lun: i64,
}

impl TryFrom<i64> for Lun {
    type Error = LunError;

    fn try_from(lun: i64) -> Result<Self, Self::Error> {
        u8::try_from(lun).map(Self).map_err(|_| LunError { lun })
    }
}

impl From<Lun> for i64 {
    fn from(lun: Lun) -> Self {
        Self::from(lun.0)
    }
}

impl fmt::Display for Lun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_from_0_to_255_are_accepted() {
        for lun in [0, 1, 255] {
            assert_eq!(i64::from(Lun::try_from(lun).unwrap()), lun);
        }
        for lun in [-1, 256, i64::MAX] {
            assert_eq!(Lun::try_from(lun), Err(LunError { lun }));
        }
    }
}
