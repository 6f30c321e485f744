//! The rules in ARCHITECTURE.md that a program can check.

use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Crates that do I/O, or run programs that do.
const IO: [&str; 5] = ["tokio", "reqwest", "hyper", "kube-client", "kube-runtime"];

/// What a crate must not depend on, not even through another crate.
struct Rule {
    name: &'static str,
    never: &'static [&'static [&'static str]],
    because: &'static str,
}

const RULES: [Rule; 6] = [
    Rule {
        name: "ironic-types",
        never: &[&IO, &["kube-core", "k8s-openapi", "metal-api"]],
        because: "it says what Ironic speaks, without I/O and without Kubernetes' words",
    },
    Rule {
        name: "ironic-client",
        never: &[&[
            "kube-core",
            "kube-client",
            "kube-runtime",
            "k8s-openapi",
            "metal-api",
        ]],
        because: "it talks to Ironic and knows nothing of Kubernetes",
    },
    Rule {
        name: "ironic-sim",
        never: &[&[
            "reqwest",
            "kube-core",
            "k8s-openapi",
            "ironic-client",
            "metal-api",
        ]],
        because: "it is Ironic's side, and what asks it must not be judged by itself",
    },
    Rule {
        name: "metal-api",
        never: &[&IO, &["ironic-types", "ironic-client"]],
        because: "it holds types, and whoever uses them pays for no client",
    },
    Rule {
        name: "metal-plan",
        never: &[&IO, &["ironic-client"]],
        because: "it decides: a pure function of what was observed",
    },
    Rule {
        name: "config-drive",
        never: &[
            &IO,
            &[
                "kube-core",
                "k8s-openapi",
                "ironic-types",
                "ironic-client",
                "metal-api",
            ],
        ],
        because: "it makes bytes of values, and knows neither Kubernetes nor Ironic",
    },
];

/// The most lines that a source file has without its tests.
const MAX_LINES: usize = 400;

/// Checks all rules, and fails with everything that breaks one.
pub(crate) fn check(root: &Path) -> Result<()> {
    let mut broken = Vec::new();
    for rule in &RULES {
        let dependencies = dependencies(root, rule.name)?;
        broken.extend(forbidden(rule, &dependencies));
    }
    for manifest in manifests(root)? {
        let text = read(&manifest)?;
        if !has_workspace_lints(&text) {
            broken.push(format!(
                "{} lacks the workspace's lints: add `[lints]` with `workspace = true`",
                shown(root, &manifest)
            ));
        }
    }
    for source in sources(&root.join("crates"))? {
        let lines = lines_without_tests(&read(&source)?);
        if lines > MAX_LINES {
            broken.push(format!(
                "{} has {lines} lines without its tests: split it below {MAX_LINES}",
                shown(root, &source)
            ));
        }
    }
    if !broken.is_empty() {
        bail!("rules are broken:\n  {}", broken.join("\n  "));
    }
    println!("the rules in ARCHITECTURE.md are kept");
    Ok(())
}

/// The names of all crates that a crate depends on, itself included.
fn dependencies(root: &Path, name: &str) -> Result<Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["tree", "--package", name, "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}"])
        .output()
        .context("running cargo tree")?;
    if !output.status.success() {
        bail!(
            "cargo tree for {name} failed: {}",
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    Ok(crates_in(&String::from_utf8_lossy(&output.stdout)))
}

/// The names in the output of `cargo tree`, whose lines begin with one.
fn crates_in(tree: &str) -> Vec<String> {
    let mut names: Vec<String> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn forbidden(rule: &Rule, dependencies: &[String]) -> Vec<String> {
    dependencies
        .iter()
        .filter(|dependency| {
            rule.never
                .iter()
                .any(|never| never.contains(&dependency.as_str()))
        })
        .map(|dependency| {
            let Rule { name, because, .. } = rule;
            format!(
                "{name} depends on {dependency}, but {because}: \
                 `cargo tree -p {name} -e normal -i {dependency}` shows through what"
            )
        })
        .collect()
}

/// The manifests of the workspace's members.
fn manifests(root: &Path) -> Result<Vec<PathBuf>> {
    let mut manifests = vec![
        root.join("test/contract/Cargo.toml"),
        root.join("test/e2e/Cargo.toml"),
    ];
    for folder in entries(&root.join("crates"))? {
        if folder.is_dir() {
            manifests.push(folder.join("Cargo.toml"));
        }
    }
    Ok(manifests)
}

/// Whether a manifest has the section `[lints]` with `workspace = true`.
fn has_workspace_lints(manifest: &str) -> bool {
    manifest
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != "[lints]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .any(|line| line.split_whitespace().eq(["workspace", "=", "true"]))
}

/// The Rust files in the `src` folders of all crates, except for files that hold only tests.
fn sources(crates: &Path) -> Result<Vec<PathBuf>> {
    let mut sources = Vec::new();
    let mut folders: Vec<PathBuf> = entries(crates)?
        .into_iter()
        .map(|folder| folder.join("src"))
        .filter(|folder| folder.is_dir())
        .collect();
    while let Some(folder) = folders.pop() {
        for path in entries(&folder)? {
            let is_tests = path.file_stem().is_some_and(|stem| stem == "tests");
            if is_tests {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push(path);
            }
        }
    }
    sources.sort_unstable();
    Ok(sources)
}

/// Tests stand in a block at the end; a module of them may also be named before.
fn lines_without_tests(source: &str) -> usize {
    let lines: Vec<&str> = source.lines().collect();
    let block = lines
        .windows(2)
        .position(|pair| pair[0].starts_with("#[cfg(test)]") && pair[1].ends_with('{'));
    block.unwrap_or(lines.len())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let reading = || format!("reading the folder {}", folder.display());
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).with_context(reading)? {
        entries.push(entry.with_context(reading)?.path());
    }
    entries.sort_unstable();
    Ok(entries)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forbidden_crate_is_named_with_who_brought_it() {
        let tree = "metal-plan v0.1.0 (/x)\nserde v1.0.229\ntokio v1.54.1\nserde v1.0.229 (*)\n";
        let dependencies = crates_in(tree);
        assert_eq!(dependencies, ["metal-plan", "serde", "tokio"]);
        let [rule] = RULES
            .iter()
            .filter(|rule| rule.name == "metal-plan")
            .collect::<Vec<_>>()[..]
        else {
            panic!("one rule");
        };
        let [broken] = &forbidden(rule, &dependencies)[..] else {
            panic!("one broken rule");
        };
        assert!(broken.starts_with("metal-plan depends on tokio, but it decides"));
    }

    #[test]
    fn the_lints_of_the_workspace_are_told_from_others() {
        assert!(has_workspace_lints(
            "[package]\n\n[lints]\nworkspace = true\n"
        ));
        assert!(!has_workspace_lints("[package]\nworkspace = true\n"));
        assert!(!has_workspace_lints(
            "[lints]\n\n[dependencies]\nworkspace = true\n"
        ));
    }

    #[test]
    fn tests_at_the_end_of_a_file_are_not_counted() {
        assert_eq!(
            lines_without_tests("a\nb\n\n#[cfg(test)]\nmod tests {\n}\n"),
            3
        );
        assert_eq!(lines_without_tests("a\nb\n"), 2);
        assert_eq!(lines_without_tests("#[cfg(test)]\nmod tests;\n\na\nb\n"), 5);
    }
}
