//! What keeps the program from calling AWS at all.

use std::path::PathBuf;

/// A setting of the SDK that would make it panic at the first call. Missing credentials are no setup error: they show
/// at the call, because they may come later.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// `AWS_CA_BUNDLE` names a file whose certificates cannot be trusted.
    #[error("AWS_CA_BUNDLE names {}, which {reason}: give a file of PEM certificates, or unset the variable", path.display())]
    CaBundle {
        /// The file that the variable names.
        path: PathBuf,
        /// The end of a sentence that begins with the file: "cannot be read (...)".
        reason: String,
    },
    /// A variable such as `AWS_ENDPOINT_URL` is set to the empty text.
    #[error("{variable} is set and empty: unset the variable, or give it the address of an endpoint")]
    EmptyEndpointVariable {
        /// The name of the variable.
        variable: String,
    },
    /// The profile has `endpoint_url =` with nothing after it.
    #[error(
        "endpoint_url is empty in the AWS profile: remove the line, or give it the address of an endpoint"
    )]
    EmptyEndpointInProfile,
}
