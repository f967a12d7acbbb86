//! The objects that manifests declare.

use std::path::PathBuf;

use clap::Args;
use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;

use super::{
    input::{self, Place, Problem},
    validation::Validator,
};

/// The manifests to read.
#[derive(Clone, Debug, Args)]
pub struct Inputs {
    /// YAML or JSON files, folders (their .yaml, .yml and .json files, and those of the folders in them), or - for standard input. A file may hold several documents.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// An object as a manifest declares it.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Where its document begins.
    pub place: Place,
    /// The object. A `status` in the manifest is ignored.
    pub object: UserPoolMfaConfig,
}

/// Reads the manifests: the valid objects, and every problem of the other documents.
#[must_use]
pub fn read_declared(validator: &Validator, inputs: &Inputs) -> (Vec<Declared>, Vec<Problem>) {
    let (mut objects, mut problems) = (Vec::new(), Vec::new());
    for document in input::read(&inputs.files) {
        let object = document.map_err(|problem| vec![problem]).and_then(|document| {
            let object = validator.object(&document)?;
            Ok(Declared { place: document.place, object })
        });
        match object {
            Ok(declared) => objects.push(declared),
            Err(of_document) => problems.extend(of_document),
        }
    }
    (objects, problems)
}
