//! BMC addresses: what `spec.bmc.address` means to Ironic.

use metal_api::v1alpha1::BmcDetails;

/// A BMC as Ironic's `redfish` hardware type takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bmc {
    /// `driver_info.redfish_address`: scheme, host and port.
    pub redfish_address: String,
    /// `driver_info.redfish_system_id`: the path of the system; none lets Ironic take the only one.
    pub redfish_system_id: Option<String>,
    /// `driver_info.redfish_verify_ca`: whether the BMC's certificate is verified.
    pub verify_ca: bool,
}

/// Why an address can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BmcAddressError(String);

impl std::fmt::Display for BmcAddressError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "spec.bmc.address: {}", self.0)
    }
}

impl std::error::Error for BmcAddressError {}

impl Bmc {
    /// The name of Ironic's driver for it.
    pub const DRIVER: &'static str = "redfish";

    /// Reads `spec.bmc`: the schemes `redfish`, `redfish+https` and `redfish+http`, as Metal3 has them
    /// (`pkg/hardwareutils/bmc/redfish.go`).
    pub fn parse(details: &BmcDetails) -> Result<Self, BmcAddressError> {
        let fail = |problem: String| Err(BmcAddressError(problem));
        let Some((scheme, rest)) = details.address.split_once("://") else {
            return fail(
                "it has no scheme; write redfish+http://HOST:PORT/redfish/v1/Systems/ID".into(),
            );
        };
        let transport = match scheme {
            "redfish" | "redfish+https" => "https",
            "redfish+http" => "http",
            other => {
                return fail(format!(
                    "the scheme {other} isn't implemented; use redfish, redfish+https or redfish+http"
                ));
            }
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.is_empty() {
            return fail("it has no host".into());
        }
        if authority.contains('@') {
            return fail("it holds a user; put user and password into the Secret that spec.bmc.credentialsName names".into());
        }
        let system = path.trim_end_matches('/');
        Ok(Self {
            redfish_address: format!("{transport}://{authority}"),
            redfish_system_id: (!matches!(system, "" | "/redfish/v1")).then(|| system.to_owned()),
            verify_ca: !details.disable_certificate_verification.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn details(address: &str) -> BmcDetails {
        BmcDetails {
            address: address.into(),
            credentials_name: "bmc".into(),
            disable_certificate_verification: None,
        }
    }

    #[rstest]
    #[case(
        "redfish://bmc/redfish/v1/Systems/1",
        "https://bmc",
        Some("/redfish/v1/Systems/1")
    )]
    #[case(
        "redfish+https://bmc:8443/redfish/v1/Systems/1/",
        "https://bmc:8443",
        Some("/redfish/v1/Systems/1")
    )]
    #[case("redfish+http://192.0.2.1:8000", "http://192.0.2.1:8000", None)]
    #[case(
        "redfish+http://[2001:db8::1]:8000/redfish/v1/",
        "http://[2001:db8::1]:8000",
        None
    )]
    fn a_redfish_address_becomes_driver_info(
        #[case] address: &str,
        #[case] redfish_address: &str,
        #[case] system: Option<&str>,
    ) {
        let bmc = Bmc::parse(&details(address)).unwrap();
        assert_eq!(bmc.redfish_address, redfish_address);
        assert_eq!(bmc.redfish_system_id.as_deref(), system);
        assert!(bmc.verify_ca);
    }

    #[rstest]
    #[case("192.0.2.1", "no scheme")]
    #[case("ipmi://192.0.2.1", "ipmi isn't implemented")]
    #[case("redfish:///redfish/v1", "no host")]
    #[case("redfish://root:calvin@bmc/redfish/v1", "holds a user")]
    fn an_address_that_cannot_be_used_is_refused_by_field(
        #[case] address: &str,
        #[case] problem: &str,
    ) {
        let error = Bmc::parse(&details(address)).unwrap_err().to_string();
        assert!(error.starts_with("spec.bmc.address: "), "{error}");
        assert!(error.contains(problem), "{error}");
        assert!(!error.contains("calvin"), "{error}");
    }

    #[test]
    fn certificate_verification_is_switched_off_only_on_request() {
        let mut details = details("redfish://bmc");
        details.disable_certificate_verification = Some(true);
        assert!(!Bmc::parse(&details).unwrap().verify_ca);
    }
}
