//! Virtual media (`NodeVmediaController`).

use super::nodes::find;
use super::schema::{Field, Schema, TEXT, field, not_one_of};
use super::{Answer, Ctx, Error};
use crate::machine::Work;
use crate::model::NodeKey;
use crate::validate;
use crate::world::World;

/// What can be attached, in Ironic's order.
const DEVICES: [&str; 3] = ["disk", "cdrom", "floppy"];

const ATTACH: Schema = Schema {
    fields: &ATTACH_FIELDS,
    required: &["device_type", "image_url"],
};

const ATTACH_FIELDS: [Field; 3] = [
    field("device_type", TEXT),
    field("image_url", TEXT),
    field("image_download_source", TEXT),
];

pub(super) fn answer(world: &mut World, ctx: &Ctx<'_>, ident: &str) -> Result<Answer, Error> {
    match ctx.request.method.as_str() {
        "GET" => {
            if ctx.minor < 93 {
                return Err(Error::not_found("The resource could not be found."));
            }
            let key = find(world, ctx, ident)?;
            Answer::ok(&world.media_of(key)?)
        }
        "POST" => attach(world, ctx, ident),
        "DELETE" => detach(world, ctx, ident),
        _ => Err(Error::no_method()),
    }
}

fn attach(world: &mut World, ctx: &Ctx<'_>, ident: &str) -> Result<Answer, Error> {
    let body = ctx.body()?;
    let body = ATTACH.check("vmedia", &body)?;
    let text = |name: &str| {
        body.get(name)
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let device = text("device_type");
    if !DEVICES.contains(&device.as_str()) {
        return Err(not_one_of("vmedia", &device.into(), &DEVICES));
    }
    let image = text("image_url");
    let scheme = image.split_once(':').map_or("", |(scheme, _)| scheme);
    if !matches!(scheme, "http" | "https" | "nfs" | "cifs") {
        return Err(Error::invalid(format!(
            "Unsupported or missing URL scheme: {scheme}"
        )));
    }
    let key = find(world, ctx, ident)?;
    begin(world, key, "attach", Work::AttachMedia { device, image })
}

fn detach(world: &mut World, ctx: &Ctx<'_>, ident: &str) -> Result<Answer, Error> {
    let devices = ctx.query(&["device_types"])?.list("device_types")?;
    let devices = devices.filter(|devices| !devices.is_empty());
    let invalid: Vec<&str> = devices
        .iter()
        .flatten()
        .map(String::as_str)
        .filter(|device| !DEVICES.contains(device))
        .collect();
    if !invalid.is_empty() {
        return Err(Error::invalid(format!(
            "Invalid device type(s) {} (valid are {})",
            invalid.join(", "),
            DEVICES.join(", ")
        )));
    }
    let key = find(world, ctx, ident)?;
    begin(world, key, "detach", Work::DetachMedia(devices))
}

fn begin(world: &mut World, key: NodeKey, what: &str, work: Work) -> Result<Answer, Error> {
    world.check_lock(key)?;
    let node = world.node(key)?;
    validate::power(node).map_err(Error::invalid)?;
    if node.maintenance && node.fault.as_deref() == Some("power failure") {
        return Err(Error::new(
            503,
            format!(
                "Unable to {what} virtual media for node {} due to power failure state",
                node.uuid
            ),
        ));
    }
    world.node_mut(key)?.last_error = None;
    let takes = world.settings.delays.management;
    world.start(key, work, takes);
    Ok(Answer::empty(204))
}
