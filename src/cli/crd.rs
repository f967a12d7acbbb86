//! `crd`: the CustomResourceDefinition.

use cognito_mfa_core::api::v1alpha1;

use super::{ExitStatus, output};

pub(super) fn run() -> Result<ExitStatus, String> {
    let yaml = v1alpha1::crd_yaml().map_err(|error| error.to_string())?;
    output::print(&yaml).map(|()| ExitStatus::Success)
}
