//! Encodes declared settings as a `SetUserPoolMfaConfig` request: every member, as it is declared.
//!
//! Each function takes its struct apart without `..`, so that a member that is added to the settings and forgotten here
//! does not compile.

use aws_sdk_cognitoidentityprovider::{
    operation::set_user_pool_mfa_config::builders::SetUserPoolMfaConfigFluentBuilder,
    types::{
        EmailMfaConfigType, EumsSmsConfigurationType, SmsConfigurationType, SmsMfaConfigType,
        SoftwareTokenMfaConfigType, UserPoolMfaType, UserVerificationType, WebAuthnConfigurationType,
        WebAuthnFactorConfigurationType,
    },
};
use cognito_mfa_core::api::v1alpha1::{
    EmailMfaConfiguration, EumsSms, FactorConfiguration, MfaMode, MfaSettings, SmsConfiguration,
    SmsMfaConfiguration, SoftwareTokenMfaConfiguration, UserVerification, WebAuthnConfiguration,
};

/// Adds the declared settings to a write. A write replaces all five sections, and one without a mode turns MFA off
/// [measured], so each section is always given.
pub(super) fn encode(
    write: SetUserPoolMfaConfigFluentBuilder,
    declared: &MfaSettings,
) -> SetUserPoolMfaConfigFluentBuilder {
    let MfaSettings {
        mfa_configuration,
        sms_mfa_configuration,
        software_token_mfa_configuration,
        email_mfa_configuration,
        web_authn_configuration,
    } = declared.clone();
    write
        .mfa_configuration(mode(mfa_configuration))
        .set_sms_mfa_configuration(sms_mfa_configuration.map(sms_mfa))
        .set_software_token_mfa_configuration(software_token_mfa_configuration.as_ref().map(software_token))
        .set_email_mfa_configuration(email_mfa_configuration.map(email))
        .set_web_authn_configuration(web_authn_configuration.map(web_authn))
}

fn mode(declared: MfaMode) -> UserPoolMfaType {
    match declared {
        MfaMode::Off => UserPoolMfaType::Off,
        MfaMode::Optional => UserPoolMfaType::Optional,
        MfaMode::On => UserPoolMfaType::On,
    }
}

fn sms_mfa(declared: SmsMfaConfiguration) -> SmsMfaConfigType {
    let SmsMfaConfiguration { sms_authentication_message, sms_configuration } = declared;
    SmsMfaConfigType::builder()
        .set_sms_authentication_message(sms_authentication_message)
        .set_sms_configuration(sms_configuration.map(sms))
        .build()
}

fn sms(declared: SmsConfiguration) -> SmsConfigurationType {
    let SmsConfiguration { sns_caller_arn, external_id, sns_region, eums_sms } = declared;
    SmsConfigurationType::builder()
        .set_sns_caller_arn(sns_caller_arn)
        .set_external_id(external_id)
        .set_sns_region(sns_region)
        .set_eums_sms(eums_sms.map(eums))
        .build()
}

fn eums(declared: EumsSms) -> EumsSmsConfigurationType {
    let EumsSms {
        caller_arn,
        external_id,
        origination_identity,
        configuration_set_name,
        in_entity_id,
        in_template_id,
        region,
    } = declared;
    EumsSmsConfigurationType::builder()
        .caller_arn(caller_arn)
        .set_external_id(external_id)
        .set_origination_identity(origination_identity)
        .set_configuration_set_name(configuration_set_name)
        .set_in_entity_id(in_entity_id)
        .set_in_template_id(in_template_id)
        .set_region(region)
        .build()
        .expect("CallerArn, the only member that the builder requires, is given")
}

fn software_token(declared: &SoftwareTokenMfaConfiguration) -> SoftwareTokenMfaConfigType {
    let SoftwareTokenMfaConfiguration { enabled } = *declared;
    SoftwareTokenMfaConfigType::builder().enabled(enabled).build()
}

fn email(declared: EmailMfaConfiguration) -> EmailMfaConfigType {
    let EmailMfaConfiguration { message, subject } = declared;
    EmailMfaConfigType::builder().set_message(message).set_subject(subject).build()
}

fn web_authn(declared: WebAuthnConfiguration) -> WebAuthnConfigurationType {
    let WebAuthnConfiguration { relying_party_id, user_verification, factor_configuration } = declared;
    WebAuthnConfigurationType::builder()
        .set_relying_party_id(relying_party_id)
        .set_user_verification(user_verification.map(verification))
        .set_factor_configuration(factor_configuration.map(factor))
        .build()
}

fn verification(declared: UserVerification) -> UserVerificationType {
    match declared {
        UserVerification::Required => UserVerificationType::Required,
        UserVerification::Preferred => UserVerificationType::Preferred,
    }
}

fn factor(declared: FactorConfiguration) -> WebAuthnFactorConfigurationType {
    match declared {
        FactorConfiguration::SingleFactor => WebAuthnFactorConfigurationType::SingleFactor,
        FactorConfiguration::MultiFactorWithUserVerification => {
            WebAuthnFactorConfigurationType::MultiFactorWithUserVerification
        }
    }
}
