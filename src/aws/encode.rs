//! From declared settings to a Set in the SDK's types: every field, as it is given.

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

/// The whole declaration: a Set replaces all five sections, and one without a mode turns MFA off [measured].
pub(super) fn encode(
    set: SetUserPoolMfaConfigFluentBuilder,
    declared: &MfaSettings,
) -> SetUserPoolMfaConfigFluentBuilder {
    set.mfa_configuration(mode(declared.mfa_configuration))
        .set_sms_mfa_configuration(declared.sms_mfa_configuration.clone().map(sms_mfa))
        .set_software_token_mfa_configuration(
            declared.software_token_mfa_configuration.as_ref().map(software_token),
        )
        .set_email_mfa_configuration(declared.email_mfa_configuration.clone().map(email))
        .set_web_authn_configuration(declared.web_authn_configuration.clone().map(web_authn))
}

fn mode(mode: MfaMode) -> UserPoolMfaType {
    match mode {
        MfaMode::Off => UserPoolMfaType::Off,
        MfaMode::Optional => UserPoolMfaType::Optional,
        MfaMode::On => UserPoolMfaType::On,
    }
}

fn sms_mfa(declared: SmsMfaConfiguration) -> SmsMfaConfigType {
    SmsMfaConfigType::builder()
        .set_sms_authentication_message(declared.sms_authentication_message)
        .set_sms_configuration(declared.sms_configuration.map(sms))
        .build()
}

fn sms(declared: SmsConfiguration) -> SmsConfigurationType {
    SmsConfigurationType::builder()
        .set_sns_caller_arn(declared.sns_caller_arn)
        .set_external_id(declared.external_id)
        .set_sns_region(declared.sns_region)
        .set_eums_sms(declared.eums_sms.map(eums))
        .build()
}

fn eums(declared: EumsSms) -> EumsSmsConfigurationType {
    EumsSmsConfigurationType::builder()
        .caller_arn(declared.caller_arn)
        .set_external_id(declared.external_id)
        .set_origination_identity(declared.origination_identity)
        .set_configuration_set_name(declared.configuration_set_name)
        .set_in_entity_id(declared.in_entity_id)
        .set_in_template_id(declared.in_template_id)
        .set_region(declared.region)
        .build()
        .expect("the only member that the builder requires, CallerArn, is given")
}

fn software_token(declared: &SoftwareTokenMfaConfiguration) -> SoftwareTokenMfaConfigType {
    SoftwareTokenMfaConfigType::builder().enabled(declared.enabled).build()
}

fn email(declared: EmailMfaConfiguration) -> EmailMfaConfigType {
    EmailMfaConfigType::builder().set_message(declared.message).set_subject(declared.subject).build()
}

fn web_authn(declared: WebAuthnConfiguration) -> WebAuthnConfigurationType {
    WebAuthnConfigurationType::builder()
        .set_relying_party_id(declared.relying_party_id)
        .set_user_verification(declared.user_verification.map(user_verification))
        .set_factor_configuration(declared.factor_configuration.map(factor_configuration))
        .build()
}

fn user_verification(declared: UserVerification) -> UserVerificationType {
    match declared {
        UserVerification::Required => UserVerificationType::Required,
        UserVerification::Preferred => UserVerificationType::Preferred,
    }
}

fn factor_configuration(declared: FactorConfiguration) -> WebAuthnFactorConfigurationType {
    match declared {
        FactorConfiguration::SingleFactor => WebAuthnFactorConfigurationType::SingleFactor,
        FactorConfiguration::MultiFactorWithUserVerification => {
            WebAuthnFactorConfigurationType::MultiFactorWithUserVerification
        }
    }
}
