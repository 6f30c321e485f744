//! Traits of a node.

use serde_json::{Value, json};

use super::super::schema::error;
use super::super::{Answer, Ctx, Error};
use crate::model::NodeKey;
use crate::python;
use crate::world::World;

pub(super) fn traits(
    world: &mut World,
    ctx: &Ctx<'_>,
    ident: &str,
    key: NodeKey,
    named: Option<&str>,
) -> Result<Answer, Error> {
    let method = ctx.request.method.as_str();
    match (method, named) {
        ("GET", _) => {
            let traits = world.node(key)?.field("traits");
            Answer::ok(&json!({ "traits": traits }))
        }
        ("PUT", None) => {
            let traits = trait_list(&ctx.body()?)?;
            world.check_lock(key)?;
            world.node_mut(key)?.traits = traits.into_iter().collect();
            Ok(Answer::empty(204))
        }
        ("PUT", Some(name)) => {
            check_trait("trait", name)?;
            if !matches!(ctx.body()?, Value::Object(map) if map.is_empty()) {
                return Err(Error::invalid(
                    "No body should be provided when adding a trait",
                ));
            }
            world.check_lock(key)?;
            world.node_mut(key)?.traits.insert(name.to_owned());
            let location = format!("{}/v1/nodes/{ident}/traits/{name}", ctx.base);
            Ok(Answer::empty(204).at(location))
        }
        (_, None) => {
            world.check_lock(key)?;
            world.node_mut(key)?.traits.clear();
            Ok(Answer::empty(204))
        }
        (_, Some(name)) => {
            world.check_lock(key)?;
            let node = world.node_mut(key)?;
            if node.traits.remove(name) {
                return Ok(Answer::empty(204));
            }
            Err(Error::not_found(format!(
                "Node {} doesn't have a trait '{name}'",
                node.uuid
            )))
        }
    }
}

fn trait_list(body: &Value) -> Result<Vec<String>, Error> {
    let Some(Value::Array(traits)) = body.get("traits") else {
        return Err(Error::invalid(
            "A single node trait may be added via PUT /v1/nodes/<node identifier>/traits/<trait> \
             with no body, or all node traits may be replaced via PUT /v1/nodes/<node \
             identifier>/traits with the list of traits specified in the request body.",
        ));
    };
    traits
        .iter()
        .map(|name| {
            let text = name.as_str().unwrap_or_default();
            check_trait("body", text)?;
            Ok(text.to_owned())
        })
        .collect()
}

/// Standard traits begin with what they are of; the simulator takes any such name for one.
fn check_trait(what: &str, name: &str) -> Result<(), Error> {
    let is_upper = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let is_custom = name.strip_prefix("CUSTOM_").is_some_and(is_upper);
    let is_standard = ["HW_", "COMPUTE_", "STORAGE_", "MISC_", "OWNER_", "GUEST_"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
        && is_upper(name);
    if (is_custom || is_standard) && name.len() <= 255 {
        return Ok(());
    }
    let name = python::quoted(name);
    Err(error(
        what,
        &format!(
            "{name} is not valid under any of the given schemas. Possible root cause: {name} does \
             not match '^CUSTOM_[A-Z0-9_]+$'"
        ),
    ))
}
