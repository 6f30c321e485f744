//! The rules for an image.

use kube::core::Rule;

/// An image without a URL is none; Metal3's webhook refuses it.
pub(super) fn known_scheme() -> Rule {
    Rule::new("self.url == '' || self.url.lowerAscii().matches('^(https?|ftp|gopher|oci)://')")
        .message(
            "spec.image.url: must be a URL with the scheme http, https, ftp, gopher or oci; correct \
             it",
        )
        .field_path(".url")
}

/// As `Image.GetChecksum` of Metal3's API has it.
pub(super) fn checksum_where_it_counts() -> Rule {
    Rule::new(
        "self.url == '' || self.url.lowerAscii().startsWith('oci://') \
         || (has(self.format) && self.format == 'live-iso') \
         || (has(self.checksum) && self.checksum != '')",
    )
    .message(
        "spec.image.checksum: required, except for the format live-iso and for oci:// images; give \
         the checksum or its URL",
    )
    .field_path(".checksum")
}

pub(super) fn no_checksum_of_an_artifact() -> Rule {
    Rule::new(
        "!self.url.lowerAscii().startsWith('oci://') || !has(self.checksum) || self.checksum == ''",
    )
    .message(
        "spec.image.checksum: must be empty for oci:// images, which carry their own; remove it",
    )
    .field_path(".checksum")
}
