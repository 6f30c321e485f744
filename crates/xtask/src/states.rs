//! docs/states.md: what is done for a host in each of its states, as the planner itself says.
//!
//! The planner is asked for every state of a host, every state of its node and some situations; the document is made of
//! its answers. Meanings are the doc comments of the states and of the reasons to wait.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

mod answer;
mod diagram;
mod example;
mod order;
mod sections;
mod situations;
mod source;
mod survey;
mod text;
mod waits;
mod words;

use survey::Survey;

/// The file, in the workspace.
const FILE: &str = "docs/states.md";

/// Where the meanings of states stand.
const STATES_SOURCE: &str = "crates/metal-api/src/v1alpha1/provisioning.rs";

/// Where those of reasons to wait stand.
const PLAN_SOURCE: &str = "crates/metal-plan/src/plan.rs";

/// Writes the file.
pub(crate) fn write(root: &Path) -> Result<()> {
    let path = root.join(FILE);
    fs::write(&path, document(root)?).with_context(|| format!("writing {}", path.display()))?;
    println!("wrote {FILE}");
    Ok(())
}

/// Fails if the file is not what [`write`](write()) would write.
pub(crate) fn check(root: &Path) -> Result<()> {
    compare(root, &document(root)?)?;
    println!("{FILE} is current");
    Ok(())
}

fn compare(root: &Path, document: &str) -> Result<()> {
    // A file that can't be read is not what would be written either.
    let written = fs::read_to_string(root.join(FILE)).ok();
    if written.as_deref() != Some(document) {
        bail!(
            "{FILE} differs from what crates/metal-plan does: run `cargo xtask states`, look at the difference and commit it"
        );
    }
    Ok(())
}

fn document(root: &Path) -> Result<String> {
    write_up(root, &survey::survey()?)
}

fn write_up(root: &Path, survey: &Survey) -> Result<String> {
    let states = source::variants(root, STATES_SOURCE, "ProvisioningState")?;
    let docs = waits::Docs {
        waits: source::variants(root, PLAN_SOURCE, "Wait")?,
        blockers: source::variants(root, PLAN_SOURCE, "Blocker")?,
    };
    let parts = [
        text::HEAD.to_owned(),
        text::LIFE.to_owned(),
        diagram::draw(&diagram::life(survey)),
        text::DELETION.to_owned(),
        diagram::draw(&diagram::deletion(survey)),
        text::ORDER.to_owned(),
        order::all(survey),
        text::STATES.to_owned(),
        text::passing(&words::passing_states()),
        sections::all(survey, &states)?,
        text::WAITS.to_owned(),
        waits::all(survey, &docs),
    ];
    Ok(format!("{}\n", parts.join("\n\n")))
}

#[cfg(test)]
mod tests;
