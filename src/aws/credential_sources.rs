//! Which sources of credentials there are, as far as a failure to load any has to know it.

use std::{
    env,
    sync::atomic::{AtomicBool, Ordering},
};

use super::named_profile::{SignIn, load_profiles, sign_in};

/// The variables that name a source of credentials other than the node's metadata service.
const NAMING_VARIABLES: [&str; 7] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_PROFILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    TOKEN_FILE_VARIABLE,
];

const TOKEN_FILE_VARIABLE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";

/// The variable that names the address of the node's metadata service.
const METADATA_VARIABLE: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";

/// The sources of credentials of this process.
///
/// Without any, the SDK asks the node's metadata service, and that cannot be reached outside EC2 and from most Pods. So
/// its silence is an outage only where it is known to be there: else there are no credentials at all.
#[derive(Debug)]
pub(super) struct CredentialSources {
    names_metadata: bool,
    names_other: bool,
    pub(super) sign_in: Option<SignIn>,
    loaded: AtomicBool,
}

impl CredentialSources {
    /// The sources that the environment or the flag `--profile` names.
    pub(super) async fn from_environment(profile: Option<&str>) -> Self {
        let profiles = load_profiles(profile).await;
        let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        Self {
            names_metadata: is_set(METADATA_VARIABLE),
            names_other: profile.is_some() || NAMING_VARIABLES.into_iter().any(is_set),
            sign_in: profiles.as_ref().and_then(sign_in).or_else(|| {
                let file = env::var(TOKEN_FILE_VARIABLE).ok().filter(|file| !file.is_empty());
                file.map(SignIn::TokenFile)
            }),
            loaded: AtomicBool::new(false),
        }
    }

    /// Records that credentials were loaded: their source is there.
    pub(super) fn record_loaded(&self) {
        self.loaded.store(true, Ordering::Relaxed);
    }

    /// Whether the node's metadata service is known to be there.
    pub(super) fn has_metadata(&self) -> bool {
        self.names_metadata || self.loaded.load(Ordering::Relaxed)
    }

    /// Whether any source is known to be there.
    pub(super) fn has_any(&self) -> bool {
        self.names_other || self.has_metadata()
    }
}
