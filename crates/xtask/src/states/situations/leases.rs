//! Who has the volume.

use metal_plan::{HolderFacts, LeaseFacts, lease_holder};

use super::{Situation, all, drawn, living};
use crate::states::example;

pub(super) const ALL: &[Situation] = &[
    drawn(all("nobody holds the volume's Leases", |seen| {
        seen.leases = LeaseFacts::Known(Vec::new());
        Ok(())
    })),
    drawn(all("the host holds the volume's Leases", |seen| {
        let leases = example::leases(&seen.host, &lease_holder(&seen.host));
        seen.leases = LeaseFacts::Known(leases);
        Ok(())
    })),
    living("another host holds the volume's Leases", |seen| {
        let mut leases = example::leases(&seen.host, "metal/node-1/52:54:00:e2:e0:02");
        for lease in &mut leases {
            lease.holder_is = HolderFacts::Lives;
        }
        seen.leases = LeaseFacts::Known(leases);
        Ok(())
    }),
    living("the volume's Leases can't be read", |seen| {
        seen.leases = LeaseFacts::Unavailable {
            message: "forbidden".to_owned(),
        };
        Ok(())
    }),
];
