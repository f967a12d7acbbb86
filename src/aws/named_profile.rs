//! The profile that a flag or AWS_PROFILE names: whether it exists, and how somebody signs in with it.

use std::{borrow::Cow, iter};

use aws_config::profile::{Profile, ProfileSet};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

/// The profile of which nobody has to say that it is used, so it need not exist.
const DEFAULT: &str = "default";
/// More profiles than a chain of roles has. A profile may name itself as its source.
const LONGEST_CHAIN: usize = 8;

/// How somebody signs in, where a file of the person or of the Pod decides it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SignIn {
    /// With IAM Identity Center, by this profile.
    Sso(String),
    /// With the console's login, by this profile.
    Login(String),
    /// With the web identity token in this file.
    TokenFile(String),
}

/// The profiles, among which the flag or AWS_PROFILE selects one. None where the files cannot be read: the SDK reports
/// that.
pub(super) async fn load_profiles(flag: Option<&str>) -> Option<ProfileSet> {
    let selected = flag.map(|name| Cow::Owned(name.to_owned()));
    aws_config::profile::load(&Fs::real(), &Env::real(), &EnvConfigFiles::default(), selected).await.ok()
}

/// The selected profile, if there is no such profile. The SDK would pass on to other sources, and so to another identity.
pub(super) fn undefined_profile(profiles: &ProfileSet) -> Option<&str> {
    let name = profiles.selected_profile();
    (!name.is_empty() && name != DEFAULT && profiles.get_profile(name).is_none()).then_some(name)
}

/// How somebody signs in with the selected profile, or with the profile that it takes its credentials from.
pub(super) fn sign_in(profiles: &ProfileSet) -> Option<SignIn> {
    let first = profiles.get_profile(profiles.selected_profile());
    let source = |profile: &&Profile| profiles.get_profile(profile.get("source_profile")?);
    iter::successors(first, source).take(LONGEST_CHAIN).find_map(of_profile)
}

fn of_profile(profile: &Profile) -> Option<SignIn> {
    let has = |key| profile.get(key).is_some();
    if has("sso_session") || has("sso_start_url") {
        return Some(SignIn::Sso(profile.name().to_owned()));
    }
    if has("login_session") {
        return Some(SignIn::Login(profile.name().to_owned()));
    }
    profile.get("web_identity_token_file").map(|file| SignIn::TokenFile(file.to_owned()))
}

impl SignIn {
    /// What to do where the credentials are refused, as a sentence.
    pub(super) fn remedy(&self) -> String {
        match self {
            Self::Sso(profile) => format!("Sign in again: aws sso login --profile {profile}"),
            Self::Login(profile) => format!("Sign in again: aws login --profile {profile}"),
            Self::TokenFile(file) => format!("The token is read from {file}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_runtime::env_config::file::EnvConfigFileKind;

    use super::*;

    const CONFIG: &str = "[profile corp]\nsso_session = corp\n[profile console]\nlogin_session = arn\n\
        [profile reader]\nrole_arn = arn\nsource_profile = console\n\
        [profile web]\nweb_identity_token_file = /token\n[profile keys]\naws_access_key_id = any\n\
        [profile loop]\nsource_profile = loop\n";

    async fn profiles(selected: &str) -> ProfileSet {
        let files = EnvConfigFiles::builder().with_contents(EnvConfigFileKind::Config, CONFIG).build();
        let environment = Env::from_slice(&[("AWS_PROFILE", selected)]);
        aws_config::profile::load(&Fs::from_slice(&[]), &environment, &files, None).await.unwrap()
    }

    #[tokio::test]
    async fn the_way_to_sign_in_is_that_of_the_profile_or_of_its_source() {
        for (profile, way) in [
            ("corp", Some(SignIn::Sso("corp".into()))),
            ("console", Some(SignIn::Login("console".into()))),
            ("reader", Some(SignIn::Login("console".into()))),
            ("web", Some(SignIn::TokenFile("/token".into()))),
            ("keys", None),
            ("loop", None),
            ("typo", None),
        ] {
            assert_eq!(sign_in(&profiles(profile).await), way, "{profile}");
        }
    }

    #[tokio::test]
    async fn only_a_profile_that_was_named_and_does_not_exist_is_undefined() {
        for (profile, undefined) in [("typo", Some("typo")), ("corp", None), ("default", None), ("", None)] {
            assert_eq!(undefined_profile(&profiles(profile).await), undefined, "{profile}");
        }
    }
}
