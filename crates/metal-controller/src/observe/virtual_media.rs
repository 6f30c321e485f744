//! The machine's virtual CD drive, as its BMC tells Ironic.

use ironic_client::ErrorKind;
use ironic_types::calls::{GetNodeFields, GetVirtualMedia};
use ironic_types::{NodeId, NodeIdent, VirtualMedia};
use metal_plan::VirtualMediaFacts;

use crate::context::Context;
use crate::shared::NoAnswer;

/// What the drive is like. To ask its BMC takes Ironic a second, so unless it must be fresh the answer may be an older one:
/// a drive comes and goes with the hardware.
pub(super) async fn facts(
    context: &Context,
    node: NodeId,
    fresh: bool,
) -> Result<VirtualMediaFacts, NoAnswer> {
    if !fresh && let Some(known) = context.virtual_media.known(node) {
        return Ok(known);
    }
    // Ironic's words are there for seconds, so they are read before the BMC is asked, and while the node is locked the BMC
    // need not be asked at all.
    let call = GetNodeFields {
        ident: NodeIdent::Id(node),
        fields: &["uuid", "reservation", "last_error"],
    };
    let state = context.ironic.send(&call).await?;
    if state.reservation.is_some() {
        return Ok(VirtualMediaFacts::Busy);
    }
    let facts = match context.ironic.send(&GetVirtualMedia { node }).await {
        Ok(media) => {
            let last_error = state.last_error.as_deref();
            let shown = last_error.map(|error| config_drive::redacted(error).into_owned());
            of_drives(&media, shown)
        }
        Err(error) => match error.kind() {
            ErrorKind::Refused | ErrorKind::Unsupported => VirtualMediaFacts::Lacking {
                problem: error.in_words(),
            },
            ErrorKind::Locked => VirtualMediaFacts::Busy,
            ErrorKind::Failed | ErrorKind::Conflict => VirtualMediaFacts::Unreadable {
                message: error.in_words(),
            },
            ErrorKind::NotFound
            | ErrorKind::Denied
            | ErrorKind::Unavailable
            | ErrorKind::Mistrust
            | ErrorKind::ListChanged
            | ErrorKind::NotUnderstood
            | ErrorKind::NotSent => return Err(error.into()),
        },
    };
    context.virtual_media.learn(node, &facts);
    Ok(facts)
}

/// Redfish's words for a drive (DSP0268, `VirtualMedia.MediaTypes`).
fn of_drives(drives: &[VirtualMedia], last_error: Option<String>) -> VirtualMediaFacts {
    let takes_discs = |drive: &&VirtualMedia| {
        let mut types = drive.media_types.iter();
        types.any(|kind| kind == "CD" || kind == "DVD")
    };
    match drives.iter().find(takes_discs) {
        Some(drive) => VirtualMediaFacts::Drive {
            is_inserted: drive.inserted,
            last_error,
        },
        None => VirtualMediaFacts::Lacking {
            problem: "its BMC has no virtual CD drive".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drive(types: &[&str], inserted: bool) -> VirtualMedia {
        VirtualMedia {
            media_types: types.iter().map(|&kind| kind.to_owned()).collect(),
            inserted,
            ..VirtualMedia::default()
        }
    }

    #[test]
    fn the_drive_that_takes_discs_counts() {
        let drives = [
            drive(&["Floppy", "USBStick"], true),
            drive(&["CD", "DVD"], false),
        ];
        let VirtualMediaFacts::Drive { is_inserted, .. } = of_drives(&drives, None) else {
            panic!("there is one")
        };
        assert!(!is_inserted);
    }

    #[test]
    fn a_floppy_drive_takes_no_config_drive() {
        let facts = of_drives(&[drive(&["Floppy"], false)], None);
        assert!(matches!(facts, VirtualMediaFacts::Lacking { .. }));
    }
}
