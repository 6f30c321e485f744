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
        Ok(media) => match disc(&media) {
            None => VirtualMediaFacts::Lacking {
                problem: "its BMC has no virtual CD drive".to_owned(),
            },
            Some(is_inserted) => {
                let last_error = state.last_error.as_deref();
                let shown = last_error.map(|error| config_drive::redacted(error).into_owned());
                context.virtual_media.judge(node, is_inserted, shown)
            }
        },
        Err(error) => match error.kind() {
            ErrorKind::Refused | ErrorKind::Unsupported => VirtualMediaFacts::Lacking {
                problem: error.in_words(),
            },
            ErrorKind::Locked => VirtualMediaFacts::Busy,
            // Ironic has just answered: it waits for a BMC in vain, or does not understand it.
            ErrorKind::Failed
            | ErrorKind::Conflict
            | ErrorKind::Unavailable
            | ErrorKind::NotUnderstood
            | ErrorKind::ListChanged => VirtualMediaFacts::Unreadable {
                message: error.in_words(),
            },
            ErrorKind::NotFound | ErrorKind::Denied | ErrorKind::Mistrust | ErrorKind::NotSent => {
                return Err(error.into());
            }
        },
    };
    context.virtual_media.learn(node, &facts);
    Ok(facts)
}

/// Whether there is a disc in a drive that takes discs, in Redfish's words (DSP0268, `VirtualMedia.MediaTypes`); none
/// without such a drive. Of several Ironic takes the first that accepts, and ejects from all.
fn disc(drives: &[VirtualMedia]) -> Option<bool> {
    let takes_discs = |drive: &&VirtualMedia| {
        let mut types = drive.media_types.iter();
        types.any(|kind| kind == "CD" || kind == "DVD")
    };
    let mut drives = drives.iter().filter(takes_discs).peekable();
    drives.peek()?;
    Some(drives.any(|drive| drive.inserted || !drive.image.is_empty()))
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
    fn any_drive_that_takes_discs_counts() {
        let floppy = || drive(&["Floppy", "USBStick"], true);
        let cd = |inserted| drive(&["CD", "DVD"], inserted);
        assert_eq!(disc(&[floppy(), cd(false)]), Some(false));
        assert_eq!(disc(&[cd(false), cd(true)]), Some(true));
    }

    #[test]
    fn a_floppy_drive_takes_no_config_drive() {
        assert_eq!(disc(&[drive(&["Floppy"], false)]), None);
    }

    #[test]
    fn a_bmc_may_say_null() {
        let said = r#"[{"media_types": ["CD"], "inserted": null, "image": null}]"#;
        let drives: Vec<VirtualMedia> = serde_json::from_str(said).unwrap();
        assert_eq!(disc(&drives), Some(false));
    }
}
