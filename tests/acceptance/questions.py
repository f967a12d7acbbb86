"""The questions: every graded fact about Cognito's MFA settings that can be asked.

Each names its rule and its grade, the calls that ask, and what is expected, which is what the emulator does by default.
Texts in angle brackets are placeholders: target.py fills them in, and a record keeps them.
"""

from question import (
    ACCEPTED, ANSWER, PUT_BACK, READ_IT, Anything, Not, OneOf, pool, put, question, refused, shows, update,
)

MULTI = "MULTI_FACTOR_WITH_USER_VERIFICATION"
CONSTRAINT = "failed to satisfy constraint"
TOGETHER = "can't turn off MFA and configure an MFA together"
NO_FACTOR = "SMS MFA, Email MFA, or Software Token MFA must be enabled"
CALLER = "external id and a valid caller arn are required"
UNTRUSTED = refused(code="InvalidSmsRoleTrustRelationshipException")

TOTP = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
NO_TOTP = {"SoftwareTokenMfaConfiguration": {"Enabled": False}}


def email(**fields):
    return {"EmailMfaConfiguration": fields}


def passkeys(**fields):
    return {"WebAuthnConfiguration": fields}


def sms(role="<sms-role>", message=None, **fields):
    """SMS through a role; a field of None is left out."""
    caller = {"SnsCallerArn": role, "ExternalId": "<external-id>", "SnsRegion": "<sns-region>", **fields}
    caller = {name: value for name, value in caller.items() if value is not None}
    return {"SmsMfaConfiguration": {"SmsConfiguration": caller, **({"SmsAuthenticationMessage": message} if message else {})}}


def pool_sms(**fields):
    """SmsConfiguration as the pool operations have it."""
    return sms(**fields)["SmsMfaConfiguration"]["SmsConfiguration"]


def recovery(*names):
    mechanisms = [{"Name": name, "Priority": index} for index, name in enumerate(names, 1)]
    return {"AccountRecoverySetting": {"RecoveryMechanisms": mechanisms}}


def first_factors(*names):
    return {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", *names]}}}


SENDER = {"EmailConfiguration": {"EmailSendingAccount": "DEVELOPER", "SourceArn": "<ses-identity>", "From": "<ses-from>"}}
BOTH = recovery("verified_email", "verified_phone_number")
EMAIL_POOL = pool(**SENDER, **BOTH)
PHONE_POOL = pool(AutoVerifiedAttributes=["phone_number"], SmsConfiguration=pool_sms())
PARTY = passkeys(RelyingPartyId="auth.example.com", UserVerification="required", FactorConfiguration=MULTI)

# The request alone decides: lengths, patterns, enumerations and what goes together.
FIELDS = [
    question("mode-enum", "a mode that is no mode is refused", "model", put("MAYBE", TOTP), expect=refused(CONSTRAINT)),
    question("totp-type", "a text in place of Enabled is refused", "model",
             put("ON", {"SoftwareTokenMfaConfiguration": {"Enabled": "yes"}}), expect=refused(code="SerializationException")),
    question("pool-id-pattern", "a pool id without a Region is refused", "model",
             ("SetUserPoolMfaConfig", {"UserPoolId": "nowhere", "MfaConfiguration": "OFF"}), expect=refused(CONSTRAINT)),
    question("pool-missing", "a pool that does not exist is not found", "model",
             ("GetUserPoolMfaConfig", {"UserPoolId": "<missing-pool>"}), expect=refused(code="ResourceNotFoundException")),
    question("sms-message-placeholder", "an SMS message without {####} is refused", "model",
             put("ON", sms("<missing-role>", "no code")), expect=refused(CONSTRAINT)),
    question("sms-message-max", "an SMS message of 141 characters is refused", "model",
             put("ON", sms("<missing-role>", "{####}<x*135>")), expect=refused(CONSTRAINT)),
    question("sms-message-newline", "newlines in an SMS message are accepted; the role is refused later", "measured",
             put("ON", sms("<missing-role>", "code\n{####}\n")), expect=UNTRUSTED),
    question("sms-caller-max", "a caller ARN of more than 2048 characters is refused", "model",
             put("ON", sms("<missing-role><x*2049>")), expect=refused(CONSTRAINT)),
    question("sms-sns-region-min", "an SNS Region of 4 characters is refused", "model",
             put("ON", sms("<missing-role>", SnsRegion="us-e")), expect=refused(CONSTRAINT)),
    question("sms-sns-or-eums", "a caller for SNS and one for End User Messaging at once are refused", "docs",
             put("ON", sms("<missing-role>", EumsSms={"CallerArn": "<missing-role>"})), expect=refused()),
    question("sms-eums-caller-min", "a caller ARN of End User Messaging with 19 characters is refused", "model",
             put("ON", sms(None, EumsSms={"CallerArn": "<x*19>"})), expect=refused(CONSTRAINT)),
    question("sms-eums-region", "End User Messaging in another Region than the pool's is refused", "docs",
             put("ON", sms(None, ExternalId=None, SnsRegion=None,
                           EumsSms={"CallerArn": "<missing-role>", "Region": "<other-region>"})), expect=refused()),
    question("email-message-placeholder", "an email message without {####} is refused", "model",
             put("ON", email(Message="no code")), expect=refused(CONSTRAINT)),
    question("email-message-min", "an email message of 5 characters is refused", "model",
             put("ON", email(Message="{###}")), expect=refused(CONSTRAINT)),
    question("email-message-max", "an email message of 20001 characters is refused", "model",
             put("ON", email(Message="{####}<x*19995>")), expect=refused(CONSTRAINT)),
    question("email-subject-pattern", "an empty email subject is refused", "model",
             put("ON", email(Subject="")), expect=refused(CONSTRAINT)),
    question("email-subject-max", "an email subject of 141 characters is accepted: the model has no limit", "model",
             EMAIL_POOL, put("ON", email(Subject="<x*141>")), expect=ACCEPTED),
    question("relying-party-min", "an empty relying party is refused", "model",
             put("ON", TOTP, passkeys(RelyingPartyId="")), expect=refused(CONSTRAINT)),
    question("relying-party-max", "a relying party of 128 characters is refused", "model",
             put("ON", TOTP, passkeys(RelyingPartyId="<x*60>.<x*60>.abcdef")), expect=refused(CONSTRAINT)),
    question("relying-party-suffix", "a relying party on the public suffix list is refused", "docs",
             put("ON", TOTP, passkeys(RelyingPartyId="co.uk")), expect=refused()),
    question("relying-party-number", "a relying party of digits is accepted", "measured",
             put("ON", TOTP, passkeys(RelyingPartyId="123456789")), expect=ACCEPTED),
    question("relying-party-scheme", "a relying party with a scheme is refused", "measured",
             put("ON", TOTP, passkeys(RelyingPartyId="https://auth.example.com")),
             expect=refused("RelyingPartyId contains invalid characters")),
    question("relying-party-path", "a relying party with a path is refused", "measured",
             put("ON", TOTP, passkeys(RelyingPartyId="auth.example.com/sign-in")),
             expect=refused("RelyingPartyId contains invalid characters")),
    question("user-verification-enum", "a user verification that is none is refused", "model",
             put("ON", TOTP, passkeys(UserVerification="discouraged")), expect=refused(CONSTRAINT)),
    question("factor-configuration-enum", "a factor configuration that is none is refused", "model",
             put("ON", TOTP, passkeys(FactorConfiguration="DOUBLE_FACTOR")), expect=refused(CONSTRAINT)),
]

# A write replaces everything.
REPLACES = [
    question("omitted-mode", "a write with the pool id alone turns MFA off and drops TOTP", "measured",
             put("ON", TOTP), put(None), expect=shows(MfaConfiguration="OFF", SoftwareTokenMfaConfiguration=None)),
    question("omitted-mode-with-totp", "an omitted mode counts as OFF, so TOTP beside it is refused", "measured",
             put(None, TOTP), expect=refused(TOGETHER)),
    question("off-with-totp", "OFF with TOTP is refused", "measured", put("OFF", TOTP), expect=refused(TOGETHER)),
    question("off-with-disabled-totp", "OFF with disabled TOTP is refused", "measured", put("OFF", NO_TOTP),
             expect=refused(TOGETHER)),
    question("off-with-email", "OFF with email is refused, before the sender is looked at", "measured",
             put("OFF", email()), expect=refused(TOGETHER)),
    question("off-with-sms", "OFF with SMS is refused", "reported", put("OFF", sms()), expect=refused(TOGETHER),
             switch="smsUnderOff", default="Refused", others={"Accepted": ACCEPTED}),
    question("off-with-passkeys", "OFF with passkeys is accepted", "measured",
             put("OFF", passkeys(RelyingPartyId="auth.example.com", UserVerification="preferred")),
             expect=shows(MfaConfiguration="OFF", WebAuthnConfiguration__RelyingPartyId="auth.example.com")),
    question("on-without-factor", "ON without a factor is refused", "measured", put("ON"), expect=refused(NO_FACTOR)),
    question("optional-without-factor", "OPTIONAL without a factor is refused", "measured", put("OPTIONAL"),
             expect=refused(NO_FACTOR)),
    question("on-with-passkeys-alone", "passkeys are no factor: ON with them alone is refused", "measured",
             put("ON", PARTY), expect=refused(NO_FACTOR)),
    *(question(f"{mode.lower()}-with-disabled-totp", f"{mode} with disabled TOTP alone is accepted", grade,
               put(mode, NO_TOTP), expect=ACCEPTED, switch="totpDisabledAlone", default="Accepted",
               others={"Refused": refused()}) for mode, grade in (("ON", "measured"), ("OPTIONAL", "inferred"))),
    question("disabled-totp-shown", "disabled TOTP beside SMS is accepted and shown", "measured",
             put("ON", sms(), NO_TOTP), expect=shows(SoftwareTokenMfaConfiguration__Enabled=False)),
    question("passkey-factor-omitted", "a write without passkeys ends multi-factor passkeys", "measured",
             put("ON", TOTP, PARTY), put("ON", TOTP),
             expect=shows(WebAuthnConfiguration__FactorConfiguration=OneOf((None, "SINGLE_FACTOR"))),
             switch="singleFactor", default="Hidden"),
    question("relying-party-omitted", "a write without passkeys clears the relying party", "inferred",
             put("ON", TOTP, PARTY), put("ON", TOTP),
             expect=shows(WebAuthnConfiguration__RelyingPartyId=None, WebAuthnConfiguration__UserVerification=None),
             switch="relyingPartyOnOmission", default="Cleared",
             others={"Kept": shows(WebAuthnConfiguration__RelyingPartyId="auth.example.com",
                                   WebAuthnConfiguration__UserVerification="required")}),
    question("relying-party-left-out", "a passkey section without its relying party clears it", "inferred",
             put("ON", TOTP, PARTY), put("ON", TOTP, passkeys(UserVerification="required")),
             expect=shows(WebAuthnConfiguration__RelyingPartyId=None)),
    question("passkey-factor-filled", "a passkey section without its factor is completed with SINGLE_FACTOR", "measured",
             put("ON", TOTP, passkeys(RelyingPartyId="auth.example.com")),
             expect=shows(WebAuthnConfiguration__FactorConfiguration="SINGLE_FACTOR")),
    question("user-verification-filled", "a passkey section without user verification stays without it", "inferred",
             put("ON", TOTP, passkeys(RelyingPartyId="auth.example.com")),
             expect=shows(WebAuthnConfiguration__UserVerification=None), switch="serverDefaults", default="NotFilled",
             others={"Filled": shows(WebAuthnConfiguration__UserVerification=Anything())}),
    question("multi-without-party", "multi-factor passkeys without a relying party are accepted", "measured",
             put("ON", TOTP, passkeys(FactorConfiguration=MULTI)),
             expect=shows(WebAuthnConfiguration__FactorConfiguration=MULTI)),
    question("multi-under-off", "multi-factor passkeys under OFF are accepted", "measured",
             put("OFF", passkeys(FactorConfiguration=MULTI)), expect=shows(WebAuthnConfiguration__FactorConfiguration=MULTI)),
    question("multi-with-preferred", "multi-factor passkeys with preferred verification are accepted", "measured",
             put("ON", TOTP, passkeys(UserVerification="preferred", FactorConfiguration=MULTI)),
             expect=shows(WebAuthnConfiguration__UserVerification="preferred", WebAuthnConfiguration__FactorConfiguration=MULTI)),
    question("put-back", "a write of what a read returned restores the pool", "measured",
             put("OPTIONAL", TOTP, PARTY), READ_IT, put("OFF"), PUT_BACK,
             expect=shows(MfaConfiguration="OPTIONAL", SoftwareTokenMfaConfiguration__Enabled=True,
                          WebAuthnConfiguration__RelyingPartyId="auth.example.com",
                          WebAuthnConfiguration__FactorConfiguration=MULTI)),
    question("totp-omitted", "a write without TOTP drops it while SMS stays", "measured",
             put("ON", TOTP, sms()), put("ON", sms()), expect=shows(SoftwareTokenMfaConfiguration=None)),
    question("sms-omitted", "a write without SMS drops it while TOTP stays", "inferred",
             put("ON", TOTP, sms()), put("ON", TOTP), expect=shows(SmsMfaConfiguration=None),
             switch="smsRemoval", default="Dropped",
             others={"ShownOn": shows(SmsMfaConfiguration=Anything()), "Refused": refused("Can't turn off SMS_MFA")}),
    question("email-omitted", "a write without email drops it while TOTP stays", "inferred",
             EMAIL_POOL, put("ON", TOTP, email()), put("ON", TOTP), expect=shows(EmailMfaConfiguration=None)),
    question("write-answer", "the answer of a write has what Cognito stored, and not what the write said", "inferred",
             put("ON", TOTP, passkeys(RelyingPartyId="auth.example.com")), look=ANSWER,
             expect=shows(WebAuthnConfiguration__FactorConfiguration="SINGLE_FACTOR"),
             switch="setAnswer", default="StoredState",
             others={"EchoesRequest": shows(WebAuthnConfiguration__FactorConfiguration=None)}),
]

# What a read shows.
SHOWN = [
    question("untouched-pool", "a read of a pool that no write touched has the mode alone", "measured", READ_IT,
             expect=shows(MfaConfiguration="OFF", SmsMfaConfiguration=None, SoftwareTokenMfaConfiguration=None,
                          EmailMfaConfiguration=None)),
    question("passkeys-never-set", "a pool with TOTP alone shows no passkey section", "measured", put("ON", TOTP),
             expect=shows(WebAuthnConfiguration=None), switch="singleFactor", default="Hidden",
             others={"Shown": shows(WebAuthnConfiguration={"FactorConfiguration": "SINGLE_FACTOR"})}),
    question("totp-after-off", "a read after OFF has no TOTP", "measured", put("ON", TOTP), put("OFF"),
             expect=shows(MfaConfiguration="OFF", SoftwareTokenMfaConfiguration=None)),
    question("sms-after-off", "a read after OFF goes on showing SMS", "inferred", put("ON", sms()), put("OFF"),
             expect=shows(SmsMfaConfiguration__SmsConfiguration__SnsCallerArn="<sms-role>"), switch="smsReadUnderOff",
             default="Kept", others={"Hidden": shows(SmsMfaConfiguration__SmsConfiguration__SnsCallerArn=None)}),
    question("sms-of-the-pool", "the pool's own SmsConfiguration is not shown as SMS MFA", "inferred",
             pool(SmsConfiguration=pool_sms()), READ_IT, expect=shows(SmsMfaConfiguration=None),
             switch="smsReadUnderOff", default="Kept", others={"WhenConfigured": shows(SmsMfaConfiguration=Anything())}),
    question("pool-sms-after-off", "the pool keeps its SmsConfiguration after OFF", "measured",
             put("ON", sms()), put("OFF"), look="DescribeUserPool", expect=shows(UserPool__SmsConfiguration=Anything())),
    question("email-texts", "email without texts is accepted and shown without them", "measured",
             EMAIL_POOL, put("ON", email()),
             expect=shows(EmailMfaConfiguration__Message=None, EmailMfaConfiguration__Subject=None),
             switch="serverDefaults", default="NotFilled",
             others={"Filled": shows(EmailMfaConfiguration__Message=Anything(), EmailMfaConfiguration__Subject=Anything())}),
    question("sms-text", "SMS without a text is accepted and shown without it", "inferred", put("ON", sms()),
             expect=shows(SmsMfaConfiguration__SmsAuthenticationMessage=None), switch="serverDefaults", default="NotFilled",
             others={"Filled": shows(SmsMfaConfiguration__SmsAuthenticationMessage=Anything())}),
    question("sns-region-filled", "an omitted SNS Region stays omitted", "reported", put("ON", sms(SnsRegion=None)),
             expect=shows(SmsMfaConfiguration__SmsConfiguration__SnsRegion=None), switch="snsRegionDefault",
             default="NotFilled", others={"Filled": shows(SmsMfaConfiguration__SmsConfiguration__SnsRegion=Anything())}),
]

# What the rest of the pool, the account and the Region decide.
PRECONDITIONS = [
    question("sms-external-id", "SMS without an external id is refused", "measured",
             put("ON", sms("<missing-role>", ExternalId=None)), expect=refused(CALLER)),
    question("sms-caller", "SMS without a caller is refused", "measured", put("ON", sms(None)), expect=refused(CALLER)),
    question("sms-caller-no-arn", "an SMS caller that is no ARN is refused", "measured", put("ON", sms("role")),
             expect=refused(CALLER)),
    question("sms-caller-under-off", "the SMS caller is checked first, under OFF too", "measured",
             put("OFF", sms(None), TOTP), expect=refused(CALLER)),
    question("sms-role-missing", "a role that does not exist is refused as one that Cognito may not assume", "reported",
             put("ON", sms("<missing-role>")), expect=UNTRUSTED),
    question("sms-role-external-id", "a wrong external id is refused as a role that Cognito may not assume", "reported",
             put("ON", sms(ExternalId="not-the-external-id")), expect=UNTRUSTED, facts={"smsRole": "NotTrusted"}),
    question("sms-role-publish", "a role that may not publish is refused", "reported", put("ON", sms("<mute-role>")),
             expect=refused(code="InvalidSmsRoleAccessPolicyException")),
    question("sms-role-account", "a role of another account is refused", "measured", put("ON", sms("<foreign-role>")),
             expect=refused("Cross-account pass role is not allowed", code="AccessDeniedException"),
             switch="crossAccountRole", default="Refused", others={"Accepted": ACCEPTED}),
    question("sns-region-other", "a write with an SNS Region that the pool's Region does not allow is refused", "inferred",
             put("ON", sms(SnsRegion="<foreign-region>")), expect=refused("Invalid snsRegion"),
             switch="otherSnsRegion", default="Refused", others={"Accepted": ACCEPTED}),
    question("sns-region-other-created", "a new pool with such an SNS Region is refused", "measured",
             pool(SmsConfiguration=pool_sms(SnsRegion="<foreign-region>")), expect=refused("Invalid snsRegion")),
    question("sns-region-own", "a Region that sends SMS through another one is refused as SNS Region", "inferred",
             put("ON", sms(SnsRegion="<region-without-sns>")), expect=refused("Invalid snsRegion"),
             switch="otherSnsRegion", default="Refused", others={"Accepted": ACCEPTED}),
    question("phone-without-sms", "a new pool that verifies phone numbers needs an SMS configuration", "measured",
             pool(AutoVerifiedAttributes=["phone_number"]), expect=refused("SMS configuration is required")),
    question("email-tier", "email is refused in the LITE tier", "model",
             pool(UserPoolTier="LITE", **SENDER, **BOTH), put("ON", email()),
             expect=refused("LITE", code="FeatureUnavailableInTierException")),
    question("multi-tier", "multi-factor passkeys are refused in the LITE tier", "docs", pool(UserPoolTier="LITE"),
             put("ON", TOTP, passkeys(FactorConfiguration=MULTI)),
             expect=refused("LITE", code="FeatureUnavailableInTierException")),
    question("email-sender", "email is refused with the sender COGNITO_DEFAULT", "measured", pool(**BOTH),
             put("ON", email()), expect=refused("COGNITO_DEFAULT")),
    question("email-recovery-unset", "email is refused where account recovery is not set", "measured", pool(**SENDER),
             put("ON", email()), expect=refused("AccountRecoverySetting is not set or contains only verified_email")),
    question("email-recovery-email", "email is refused where account recovery is by email alone", "measured",
             pool(**SENDER, **recovery("verified_email")), put("ON", email()),
             expect=refused("AccountRecoverySetting is not set or contains only verified_email")),
    question("email-recovery-both", "email is accepted with recovery by email and phone", "measured", EMAIL_POOL,
             put("ON", email()), expect=ACCEPTED),
    question("email-recovery-admin", "email is accepted with recovery by an administrator alone", "inferred",
             pool(**SENDER, **recovery("admin_only")), put("ON", email()), expect=ACCEPTED),
    question("sms-recovery-phone", "SMS is refused where the phone number is a recovery mechanism", "reported",
             pool(**recovery("verified_phone_number")), put("ON", sms()),
             expect=refused("Invalid account recovery setting parameter"),
             switch="smsWithPhoneRecovery", default="Refused", others={"Accepted": ACCEPTED}),
    *(question(f"{factor.lower().replace('_', '-')}-first-{mode.lower()}",
               f"{mode} with {factor} as first factor is {'refused' if mode == 'ON' else 'accepted'}", "measured",
               pool(**first_factors(factor), **needed), put(mode, TOTP, *sections),
               expect=refused("can be enabled as an auth factor if MFA is enabled") if mode == "ON" else ACCEPTED)
      for factor, needed, sections in (("EMAIL_OTP", {}, []), ("SMS_OTP", {"SmsConfiguration": pool_sms()}, [sms()]))
      for mode in ("ON", "OPTIONAL")),
    question("passkey-first-single", "ON with passkeys as first factor needs multi-factor passkeys", "measured",
             pool(**first_factors("WEB_AUTHN")), put("ON", TOTP),
             expect=refused("Cannot set WebAuthn factor configuration to SINGLE_FACTOR")),
    question("passkey-first-multi", "ON with passkeys as first factor and multi-factor passkeys is accepted", "measured",
             pool(**first_factors("WEB_AUTHN")), put("ON", TOTP, passkeys(FactorConfiguration=MULTI)), expect=ACCEPTED),
    question("passkey-first-live", "it needs them in the request, even where they are in force", "measured",
             pool(**first_factors("WEB_AUTHN")), put("OPTIONAL", TOTP, passkeys(FactorConfiguration=MULTI)),
             put("ON", TOTP), expect=refused("Cannot set WebAuthn factor configuration to SINGLE_FACTOR")),
]

# Pools that verify phone numbers, and updates of the pool by another tool.
POOLS = [
    question("phone-write-without-sms", "a write without SMS is refused on a pool that verifies phone numbers", "reported",
             PHONE_POOL, put("ON", TOTP), expect=refused("SMS configuration is required"),
             switch="phoneVerification", default="Refused", others={"Accepted": ACCEPTED}),
    question("phone-off-without-sms", "so is OFF without SMS", "inferred", PHONE_POOL, put("OFF"),
             expect=refused("SMS configuration is required"),
             switch="phoneVerification", default="Refused", others={"AcceptedUnderOff": ACCEPTED}),
    question("phone-write-with-sms", "a write with SMS is accepted on such a pool", "inferred", PHONE_POOL,
             put("ON", TOTP, sms()), expect=ACCEPTED),
    question("phone-update-off", "UpdateUserPool with an explicit OFF turns MFA off on such a pool", "inferred", PHONE_POOL,
             put("ON", TOTP, sms()), update(MfaConfiguration="OFF", AutoVerifiedAttributes=["phone_number"]),
             expect=shows(MfaConfiguration="OFF")),
    question("create-on", "a new pool with ON is refused without SMS and a verified phone number", "reported",
             pool(MfaConfiguration="ON"), expect=refused()),
    question("update-keeps-mfa", "UpdateUserPool without a mode keeps the mode and the factors", "measured",
             put("ON", TOTP, PARTY), update(),
             expect=shows(MfaConfiguration="ON", SoftwareTokenMfaConfiguration__Enabled=True,
                          WebAuthnConfiguration__FactorConfiguration=MULTI)),
    question("update-keeps-pool", "it keeps the tier and the recovery", "measured",
             pool(UserPoolTier="LITE", **recovery("verified_email")), update(), look="DescribeUserPool",
             expect=shows(UserPool__UserPoolTier="LITE",
                          UserPool__AccountRecoverySetting__RecoveryMechanisms__0__Name="verified_email")),
    question("update-keeps-first-factors", "it keeps the first factors", "measured",
             pool(**first_factors("WEB_AUTHN")), update(), look="DescribeUserPool",
             expect=shows(UserPool__Policies__SignInPolicy__AllowedFirstAuthFactors=["PASSWORD", "WEB_AUTHN"])),
    question("update-keeps-sms", "it keeps the SMS configuration", "measured", put("ON", sms()), update(),
             look="DescribeUserPool", expect=shows(UserPool__SmsConfiguration=Anything())),
    question("update-resets-attributes", "it resets AutoVerifiedAttributes", "measured",
             pool(AutoVerifiedAttributes=["email"]), update(), look="DescribeUserPool",
             expect=shows(UserPool__AutoVerifiedAttributes=OneOf((None, [])))),
    question("update-keeps-sender", "it keeps the sender COGNITO_DEFAULT", "measured", update(), look="DescribeUserPool",
             expect=shows(UserPool__EmailConfiguration__EmailSendingAccount="COGNITO_DEFAULT")),
    question("update-resets-devices", "it resets the remembering of devices", "measured",
             pool(DeviceConfiguration={"ChallengeRequiredOnNewDevice": True}), update(), look="DescribeUserPool",
             expect=shows(UserPool__DeviceConfiguration__ChallengeRequiredOnNewDevice=OneOf((None, False)))),
    question("update-resets-sign-up", "it resets that administrators alone create users", "measured",
             pool(AdminCreateUserConfig={"AllowAdminCreateUserOnly": True}), update(), look="DescribeUserPool",
             expect=shows(UserPool__AdminCreateUserConfig__AllowAdminCreateUserOnly=OneOf((None, False)))),
    question("update-resets-verification", "it resets the message that verifies addresses", "measured",
             pool(VerificationMessageTemplate={"DefaultEmailOption": "CONFIRM_WITH_LINK"}), update(),
             look="DescribeUserPool",
             expect=shows(UserPool__VerificationMessageTemplate__DefaultEmailOption=Not("CONFIRM_WITH_LINK"))),
    question("update-resets-sms-text", "it resets the text of SMS messages", "measured",
             put("ON", sms(message="mine {####}")), update(),
             expect=shows(SmsMfaConfiguration__SmsAuthenticationMessage=Not("mine {####}"))),
    question("update-off", "UpdateUserPool with an explicit OFF turns MFA off and drops TOTP", "measured",
             put("ON", TOTP), update(MfaConfiguration="OFF"),
             expect=shows(MfaConfiguration="OFF", SoftwareTokenMfaConfiguration=None)),
    question("update-on", "UpdateUserPool with ON is accepted where a factor is enabled", "measured",
             put("OPTIONAL", TOTP), update(MfaConfiguration="ON"), expect=shows(MfaConfiguration="ON")),
    question("update-on-without-factor", "UpdateUserPool with ON is refused without a factor", "measured",
             update(MfaConfiguration="ON"), expect=refused("Cannot turn MFA functionality ON")),
    question("update-passkey-first", "passkeys as first factor cannot be added under ON without multi-factor passkeys",
             "measured", put("ON", TOTP), update(**first_factors("WEB_AUTHN")), expect=refused("not configured for MFA")),
]


def user(**preference):
    """A user who can sign in with a password; the preferences are those of AdminSetUserMFAPreference."""
    contact = [("email", "success@simulator.amazonses.com"), ("email_verified", "true")]
    if "SMSMfaSettings" in preference:
        contact += [("phone_number", "<sms-phone>"), ("phone_number_verified", "true")]
    attributes = [{"Name": name, "Value": value} for name, value in contact]
    enabled = {name: {"Enabled": True, "PreferredMfa": True} for name in preference}
    return (
        ("CreateUserPoolClient", {"ClientName": "acceptance", "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH",
                                                                                   "ALLOW_REFRESH_TOKEN_AUTH"]}),
        ("AdminCreateUser", {"Username": "somebody", "MessageAction": "SUPPRESS", "UserAttributes": attributes}),
        ("AdminSetUserPassword", {"Username": "somebody", "Password": "<password>", "Permanent": True}),
        *([("AdminSetUserMFAPreference", {"Username": "somebody", **enabled})] if enabled else []),
    )


SIGN_IN = ("AdminInitiateAuth", {"ClientId": "<client>", "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
                                 "AuthParameters": {"USERNAME": "somebody", "PASSWORD": "<password>"}})
BY_EMAIL, BY_SMS = user(EmailMfaSettings=True), user(SMSMfaSettings=True)


def challenge(name):
    return shows(ChallengeName=name)


# What users notice. The emulator has no users, so these are asked of AWS alone.
USERS = [
    question("user-without-factor", "a user without a factor must enrol one under ON", "docs", put("ON", TOTP), *user(),
             SIGN_IN, look=ANSWER, expect=challenge("MFA_SETUP")),
    question("user-email", "a user with email alone is asked for its code", "docs", EMAIL_POOL, put("OPTIONAL", TOTP, email()),
             *BY_EMAIL, SIGN_IN, look=ANSWER, expect=challenge("EMAIL_OTP")),
    question("user-email-dropped-optional", "once email is dropped under OPTIONAL, that user signs in by password alone",
             "inferred", EMAIL_POOL, put("OPTIONAL", TOTP, email()), *BY_EMAIL, put("OPTIONAL", TOTP), SIGN_IN,
             look=ANSWER, expect=challenge(None)),
    question("user-email-dropped-on", "once email is dropped under ON, whoever has the password enrols", "inferred",
             EMAIL_POOL, put("ON", TOTP, email()), *BY_EMAIL, put("ON", TOTP), SIGN_IN, look=ANSWER,
             expect=challenge("MFA_SETUP")),
    question("user-sms", "a user with SMS alone is asked for its code", "docs", put("OPTIONAL", TOTP, sms()), *BY_SMS,
             SIGN_IN, look=ANSWER, expect=challenge("SMS_MFA")),
    question("user-sms-dropped-optional", "once SMS is dropped under OPTIONAL, that user signs in by password alone",
             "inferred", put("OPTIONAL", TOTP, sms()), *BY_SMS, put("OPTIONAL", TOTP), SIGN_IN, look=ANSWER,
             expect=challenge(None)),
    question("user-sms-dropped-on", "once SMS is dropped under ON, whoever has the password enrols", "inferred",
             put("ON", TOTP, sms()), *BY_SMS, put("ON", TOTP), SIGN_IN, look=ANSWER, expect=challenge("MFA_SETUP")),
]

QUESTIONS = [*FIELDS, *REPLACES, *SHOWN, *PRECONDITIONS, *POOLS, *USERS]

# What no call can ask, or not without a second account, another Region's replica or luck.
CANNOT_BE_ASKED = {
    "parallel-writes": "two writes to one pool at the same moment are refused [reported]: it takes luck",
    "quotas": "the request quotas [docs]: asking would exceed them, for the account's other callers too",
    "errors-of-aws": "InternalErrorException, 503 and broken connections [model]: they cannot be provoked",
    "replica-region": "OperationNotEnabledException in a secondary replica Region [model]: it takes a replicated pool",
    "missing-rights": "calls without rights are denied [docs]: it takes a second identity",
    "eums": "SMS through End User Messaging is accepted [docs]: it takes an origination identity that costs by the month",
}
