//! Lists of nodes.

use serde_json::Value;

use super::super::args::Args;
use super::super::paging::{Page, Paging, fields_of_list};
use super::super::{Answer, Ctx, Error};
use super::{FIELDS, Rendered, since};
use crate::model::{Node, NodeKey};
use crate::states::State;
use crate::world::World;

/// What a plain list shows.
const USUAL: [&str; 6] = [
    "instance_uuid",
    "maintenance",
    "power_state",
    "provision_state",
    "uuid",
    "name",
];

/// Fields that nodes can't be sorted by.
const UNSORTABLE: [&str; 12] = [
    "properties",
    "driver_info",
    "extra",
    "instance_info",
    "driver_internal_info",
    "clean_step",
    "deploy_step",
    "raid_config",
    "target_raid_config",
    "traits",
    "network_data",
    "service_step",
];

/// All arguments.
const ARGS: [&str; 26] = [
    "chassis_uuid",
    "instance_uuid",
    "associated",
    "maintenance",
    "retired",
    "provision_state",
    "marker",
    "limit",
    "sort_key",
    "sort_dir",
    "driver",
    "fields",
    "resource_class",
    "fault",
    "conductor_group",
    "detail",
    "conductor",
    "owner",
    "description_contains",
    "lessee",
    "project",
    "shard",
    "sharded",
    "include_children",
    "parent_node",
    "instance_name",
];

/// Filters that came with a minor version.
const SINCE: [(&str, u16); 11] = [
    ("driver", 16),
    ("resource_class", 21),
    ("fault", 42),
    ("conductor_group", 46),
    ("conductor", 49),
    ("owner", 50),
    ("lessee", 65),
    ("shard", 82),
    ("sharded", 82),
    ("include_children", 83),
    ("parent_node", 83),
];

/// The faults that nodes may have.
const FAULTS: [&str; 4] = [
    "power failure",
    "clean failure",
    "rescue abort failure",
    "service failure",
];

pub(super) fn list(world: &World, ctx: &Ctx<'_>, is_detail: bool) -> Result<Answer, Error> {
    let allowed: Vec<&str> = ARGS
        .into_iter()
        .filter(|name| !is_detail || !matches!(*name, "fields" | "detail"))
        .collect();
    let args = ctx.query(&allowed)?;
    let paging = Paging::of(&args, world.settings.max_limit)?;
    let asked = args.list("fields")?;
    super::render::check_fields(ctx, asked.as_deref())?;
    if since(&paging.sort_key) > ctx.minor {
        return Err(Error::not_acceptable());
    }
    let filter = Filter::of(&args, ctx)?;
    let detail = args.flag("detail")?;
    let fields = if is_detail {
        None
    } else {
        fields_of_list(ctx, asked, detail, &USUAL)?
    };
    let is_column = FIELDS.contains(&paging.sort_key.as_str());
    paging.check_key(&UNSORTABLE, is_column)?;
    let marker = paging
        .marker
        .as_deref()
        .map(|uuid| {
            world
                .store
                .node_by_uuid(uuid)
                .ok_or_else(|| Error::not_found(format!("Node {uuid} could not be found.")))
        })
        .transpose()?;
    if let Some(fields) = &fields {
        check_known_in_list(fields)?;
    }
    let nodes = page(world, &paging, marker, &filter);
    let last = nodes.last().map(|node| node.uuid.as_str());
    let next = if filter.instance_uuid.is_some() {
        None
    } else {
        let resource = if is_detail { "nodes/detail" } else { "nodes" };
        let extra = filter.repeated(detail);
        paging.next(ctx, resource, &extra, fields.as_deref(), last, nodes.len())
    };
    let items = nodes
        .iter()
        .map(|node| Rendered::new(world, ctx, node, fields.as_deref()))
        .collect();
    Answer::ok(&Page {
        name: "nodes",
        items,
        next,
    })
}

/// The nodes of a page. A list in the order of creation stops where the page is full.
fn page<'a>(
    world: &'a World,
    paging: &Paging,
    marker: Option<NodeKey>,
    filter: &Filter<'_>,
) -> Vec<&'a Node> {
    let store = &world.store;
    let conductor = world.settings.conductor.as_str();
    let is_wanted = |node: &Node| filter.admits(node, conductor);
    if let Some(instance) = filter.instance_uuid {
        let found = store
            .node_by_instance(instance)
            .and_then(|key| store.nodes.get(&key));
        return found.into_iter().filter(|node| is_wanted(node)).collect();
    }
    if paging.sort_key == "id" && !paging.is_descending {
        let after = marker.map_or(NodeKey(0), |NodeKey(key)| NodeKey(key + 1));
        return store
            .nodes
            .range(after..)
            .map(|(_, node)| node)
            .filter(|node| is_wanted(node))
            .take(paging.limit)
            .collect();
    }
    let keys: Vec<NodeKey> = store
        .nodes
        .iter()
        .filter(|(key, node)| is_wanted(node) || Some(**key) == marker)
        .map(|(key, _)| *key)
        .collect();
    paging
        .page(keys, marker, |key| {
            let node = store.nodes.get(&key);
            node.and_then(|node| node.field(&paging.sort_key))
                .unwrap_or_default()
        })
        .into_iter()
        .filter_map(|key| store.nodes.get(&key))
        .collect()
}

/// Refuses fields that a node has not.
pub(super) fn check_known(fields: &[String]) -> Result<(), Error> {
    let is_known = |field: &str| {
        FIELDS.contains(&field) && !matches!(field, "created_at" | "updated_at" | "links")
    };
    match fields.iter().find(|field| !is_known(field)) {
        Some(field) => Err(Error::invalid(format!(
            "Field {field} is not a valid field."
        ))),
        None => Ok(()),
    }
}

/// The same in a list, where Ironic falls over what is no column.
fn check_known_in_list(fields: &[String]) -> Result<(), Error> {
    let is_column = |field: &String| FIELDS.contains(&field.as_str()) && field != "links";
    if let Some(field) = fields.iter().find(|field| !is_column(field)) {
        return Err(Error::server(format!(
            "type object 'Node' has no attribute '{field}'"
        )));
    }
    check_known(fields)
}

/// Which nodes are wanted.
struct Filter<'a> {
    instance_uuid: Option<&'a str>,
    flags: Vec<(&'static str, bool)>,
    /// Fields that must have a value.
    texts: Vec<(&'static str, &'a str)>,
    conductor: Option<&'a str>,
    project: Option<&'a str>,
    description: Option<&'a str>,
    shards: Option<Vec<String>>,
    has_chassis: bool,
}

impl<'a> Filter<'a> {
    fn of(args: &'a Args, ctx: &Ctx<'_>) -> Result<Self, Error> {
        for (name, minor) in SINCE {
            if args.value(name).is_some() && ctx.minor < minor {
                return Err(Error::needs_minor(minor));
            }
        }
        if let Some(state) = args.text("provision_state")? {
            if ctx.minor < 9 {
                return Err(Error::not_acceptable());
            }
            if State::parse(state).is_none() {
                return Err(Error::invalid(format!(
                    "Provision state \"{state}\" is not valid"
                )));
            }
        }
        if let Some(fault) = args.text("fault")?
            && !FAULTS.contains(&fault)
        {
            return Err(Error::invalid(format!(
                "Unrecognized fault \"{fault}\" is specified, allowed faults are ('power failure', \
                 'clean failure', 'rescue abort failure', 'service failure')"
            )));
        }
        let mut flags = Vec::new();
        for name in [
            "associated",
            "maintenance",
            "retired",
            "sharded",
            "include_children",
        ] {
            flags.extend(args.flag(name)?.map(|flag| (name, flag)));
        }
        let mut texts = Vec::new();
        for name in [
            "provision_state",
            "driver",
            "resource_class",
            "fault",
            "conductor_group",
            "owner",
            "lessee",
            "parent_node",
            "instance_name",
        ] {
            texts.extend(args.text(name)?.map(|text| (name, text)));
        }
        Ok(Self {
            instance_uuid: args.uuid("instance_uuid")?,
            flags,
            texts,
            conductor: args.text("conductor")?,
            project: args.text("project")?,
            description: args.text("description_contains")?,
            shards: args.list("shard")?,
            has_chassis: args.uuid("chassis_uuid")?.is_some(),
        })
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.flags
            .iter()
            .find(|(other, _)| *other == name)
            .map(|(_, flag)| *flag)
    }

    fn admits(&self, node: &Node, conductor: &str) -> bool {
        let flag = |name: &str, is: bool| self.flag(name).is_none_or(|wanted| wanted == is);
        let has_parent_filter = self.texts.iter().any(|(name, _)| *name == "parent_node");
        let is_child = node.parent_node.is_some();
        let children = self.flag("include_children") == Some(true) || has_parent_filter;
        let is_project = |project: &str| {
            [&node.owner, &node.lessee]
                .iter()
                .any(|id| id.as_deref() == Some(project))
        };
        flag("associated", node.instance_uuid.is_some())
            && flag("maintenance", node.maintenance)
            && flag("retired", node.retired)
            && flag("sharded", node.shard.is_some())
            && (children || !is_child)
            && !self.has_chassis
            && self
                .texts
                .iter()
                .all(|(name, text)| node.field(name) == Some(Value::from(*text)))
            && self.conductor.is_none_or(|wanted| wanted == conductor)
            && self.project.is_none_or(is_project)
            && self.description.is_none_or(|part| {
                node.description
                    .as_deref()
                    .is_some_and(|text| text.contains(part))
            })
            && self.shards.as_ref().is_none_or(|shards| {
                node.shard
                    .as_ref()
                    .is_some_and(|shard| shards.contains(shard))
            })
    }

    /// What a link to the next page repeats of the filters: only these, and only if they are set.
    fn repeated(&self, detail: Option<bool>) -> Vec<(&'static str, String)> {
        let mut extra: Vec<_> = ["associated", "maintenance", "retired"]
            .into_iter()
            .filter(|name| self.flag(name) == Some(true))
            .map(|name| (name, "True".to_owned()))
            .collect();
        extra.extend(detail.map(|detail| {
            let text = if detail { "True" } else { "False" };
            ("detail", text.to_owned())
        }));
        extra
    }
}
