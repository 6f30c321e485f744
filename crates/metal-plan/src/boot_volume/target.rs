//! Where an iSCSI volume is, as the spec says it: checked, and written in one way.

use std::fmt::Display;

use metal_api::v1alpha1::{AuthMethod, IscsiTarget, MAX_PORTALS};
use metal_api::values::{Iqn, Lun, Portal};

use super::invalid;
use crate::plan::Blocker;

/// The target of the volume in a field, as it would be recorded: each portal with its port, a single one in `portal`, and
/// always with `authMethod`. The credentials are the name of the volume's Secret.
pub(super) fn checked(
    volume: &str,
    target: &IscsiTarget,
    credentials: Option<&str>,
) -> Result<IscsiTarget, Blocker> {
    let refused = |field: &str, problem: &dyn Display| {
        invalid(&format!("{volume}.iscsiTarget.{field}"), problem)
    };
    let iqn: Iqn = target.iqn.parse().map_err(|error| refused("iqn", &error))?;
    let mut portals = portals(target).map_err(|(field, problem)| refused(&field, &problem))?;
    Lun::try_from(target.lun).map_err(|error| refused("lun", &error))?;
    Ok(IscsiTarget {
        iqn: iqn.to_string(),
        portal: if portals.len() == 1 {
            portals.pop()
        } else {
            None
        },
        portals,
        lun: target.lun,
        lun_mapping: target.lun_mapping,
        auth_method: Some(auth_method(volume, target, credentials)?),
        i_type: None,
    })
}

/// The target's portals; or the field that can't be used, and why.
fn portals(target: &IscsiTarget) -> Result<Vec<String>, (String, String)> {
    let IscsiTarget {
        portal, portals, ..
    } = target;
    let fields: Vec<_> = match (portal, portals.as_slice()) {
        (Some(portal), []) => vec![("portal".to_owned(), portal)],
        (None, portals) if (1..=MAX_PORTALS).contains(&portals.len()) => portals
            .iter()
            .enumerate()
            .map(|(i, portal)| (format!("portals[{i}]"), portal))
            .collect(),
        (Some(_), _) | (None, []) => {
            return Err((
                "portal".to_owned(),
                "either portal or portals is required; give the target's one address, or the list of them"
                    .to_owned(),
            ));
        }
        (None, portals) => {
            return Err((
                "portals".to_owned(),
                format!(
                    "there are {} addresses; remove all but {MAX_PORTALS}",
                    portals.len()
                ),
            ));
        }
    };
    let mut all = Vec::with_capacity(fields.len());
    for (field, portal) in fields {
        let portal = match portal.parse::<Portal>() {
            Ok(portal) => portal.to_string(),
            Err(error) => return Err((field, error.to_string())),
        };
        if all.contains(&portal) {
            let problem = "it is there a second time; remove it, or give it another host or port";
            return Err((field, problem.to_owned()));
        }
        all.push(portal);
    }
    Ok(all)
}

fn auth_method(
    volume: &str,
    target: &IscsiTarget,
    credentials: Option<&str>,
) -> Result<AuthMethod, Blocker> {
    match (target.auth_method, credentials) {
        (Some(AuthMethod::Chap) | None, Some(_)) => Ok(AuthMethod::Chap),
        (Some(AuthMethod::None) | None, None) => Ok(AuthMethod::None),
        (Some(AuthMethod::Chap), None) => Err(invalid(
            &format!("{volume}.iscsiCredentialsName"),
            &"it is required with authMethod CHAP; name a Secret with username and password",
        )),
        (Some(AuthMethod::None), Some(_)) => Err(invalid(
            &format!("{volume}.iscsiTarget.authMethod"),
            &"None contradicts iscsiCredentialsName; remove one of the two",
        )),
    }
}
