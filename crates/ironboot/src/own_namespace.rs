//! The namespace that the operator itself lives in.

use std::fs;

/// What Kubernetes tells each pod that has a `ServiceAccount`.
const OF_POD: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/// The namespace of `deploy/`.
const DEFAULT: &str = "ironboot-system";

/// The pod's, else the one that is given, else that of `deploy/`.
pub(crate) fn own_namespace(given: Option<String>) -> String {
    first(fs::read_to_string(OF_POD).ok(), given)
}

fn first(of_pod: Option<String>, given: Option<String>) -> String {
    [of_pod, given]
        .into_iter()
        .flatten()
        .map(|namespace| namespace.trim().to_owned())
        .find(|namespace| !namespace.is_empty())
        .unwrap_or_else(|| DEFAULT.to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Some("of-the-pod\n"), Some("given"), "of-the-pod")]
    #[case(None, Some("given"), "given")]
    #[case(Some("\n"), Some(""), "ironboot-system")]
    #[case(None, None, "ironboot-system")]
    fn the_pod_knows_best(
        #[case] of_pod: Option<&str>,
        #[case] given: Option<&str>,
        #[case] expected: &str,
    ) {
        let owned = |namespace: Option<&str>| namespace.map(str::to_owned);
        assert_eq!(first(owned(of_pod), owned(given)), expected);
    }
}
