//! What a write depends on and nobody has looked at, with the command or the right that looks.

use strum::{IntoStaticStr, VariantArray};

use super::{
    accepted_but::sns_region,
    finding::{Finding, Place, Remedy, Topic},
    planned_write::{PlannedWrite, PoolView},
    refused::{has_other_characters, role_field},
    remedies::{command, partition, role_name, word},
};
use crate::{plan::weakening::relying_party, settings::section::Section};

/// What nobody has looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
pub enum Unseen {
    /// The pool's own settings: without them most refusals cannot be predicted.
    Pool,
    /// Whether the SMS role exists and trusts Cognito.
    SmsRole,
    /// Whether the operator may pass the SMS role to Cognito.
    PassRole,
    /// Whether the account may send SMS messages to everybody.
    SmsSandbox,
    /// Whether the pool's sender is verified.
    SesIdentity,
    /// Whether the account may send email to everybody.
    SesSandbox,
    /// Whether the Lambda function that sends SMS messages works.
    SmsSender,
    /// Whether the Lambda function that sends email works.
    EmailSender,
    /// Whether the relying party is on the public suffix list, which AWS refuses.
    PublicSuffix,
}

/// The finding that nobody has looked at this, where the write depends on it.
pub(super) fn find(topic: Unseen, write: &PlannedWrite) -> Option<Finding> {
    let remedy = match topic {
        Unseen::Pool => (*write.pool == PoolView::Denied).then(|| may_describe(write)),
        Unseen::SmsRole => write.sms_role().map(get_role),
        Unseen::PassRole => write.sms_role().map(simulate_pass_role),
        Unseen::SmsSandbox => sms_sandbox(write),
        Unseen::SesIdentity => ses_identity(write).and_then(get_identity),
        Unseen::SesSandbox => ses_identity(write).and_then(get_email_account),
        Unseen::SmsSender => sender(write, Section::Sms).map(get_function),
        Unseen::EmailSender => sender(write, Section::Email).map(get_function),
        Unseen::PublicSuffix => new_relying_party(write).map(find_suffix),
    }?;
    Some(Topic::NotLookedAt(topic).finding(field(topic, write), question(topic), vec![remedy]))
}

fn field(topic: Unseen, write: &PlannedWrite) -> &'static str {
    match topic {
        Unseen::Pool => "userPoolId",
        Unseen::SmsRole | Unseen::PassRole => role_field(write),
        Unseen::SmsSandbox | Unseen::SmsSender => Section::Sms.path(),
        Unseen::SesIdentity | Unseen::SesSandbox | Unseen::EmailSender => Section::Email.path(),
        Unseen::PublicSuffix => "webAuthnConfiguration.relyingPartyId",
    }
}

fn question(topic: Unseen) -> &'static str {
    match topic {
        Unseen::Pool => {
            "The pool's tier, sender, account recovery, first factors and SMS configuration, from which most refusals follow: cognito-idp:DescribeUserPool is denied."
        }
        Unseen::SmsRole => {
            "Whether the role exists, and trusts cognito-idp.amazonaws.com with this external id. If not, AWS refuses the write."
        }
        Unseen::PassRole => {
            "Whether the operator may pass this role to Cognito (iam:PassRole). If not, AWS refuses the write."
        }
        Unseen::SmsSandbox => {
            "Whether the account is in the SMS sandbox. If so, only verified numbers get codes."
        }
        Unseen::SesIdentity => {
            "Whether the pool's sender is verified in Amazon SES. If not, nobody gets codes."
        }
        Unseen::SesSandbox => {
            "Whether the account has production access to Amazon SES. If not, only verified addresses get codes."
        }
        Unseen::SmsSender | Unseen::EmailSender => {
            "Whether the Lambda function that sends the codes works. Cognito does not send them itself."
        }
        Unseen::PublicSuffix => {
            "Whether the domain is on the public suffix list: the command then prints it, and AWS refuses the write."
        }
    }
}

fn may_describe(write: &PlannedWrite) -> Remedy {
    let (region, id) = (write.region(), write.pool_id);
    let statement = format!(
        r#"{{"Effect": "Allow", "Action": "cognito-idp:DescribeUserPool", "Resource": "arn:{}:cognito-idp:{region}:*:userpool/{id}"}}"#,
        partition(region)
    );
    Remedy::new(Place::Policy, statement)
}

fn get_role(arn: &str) -> Remedy {
    command(format!("aws iam get-role --role-name {}", word(role_name(arn))))
}

fn simulate_pass_role(arn: &str) -> Remedy {
    command(format!(
        "aws iam simulate-principal-policy --policy-source-arn ARN_OF_THE_OPERATORS_ROLE --action-names iam:PassRole --resource-arns {}",
        word(arn)
    ))
}

/// The command that asks whether the account is in the SMS sandbox, where that is not known and matters.
fn sms_sandbox(write: &PlannedWrite) -> Option<Remedy> {
    let is_known = || write.pool_is(|pool| pool.has_sms_failure("SNSSandbox"));
    write.sms()?;
    if sender(write, Section::Sms).is_some() {
        return None;
    }
    if write.sends_by_sns() {
        let line = format!("aws sns get-sms-sandbox-account-status --region {}", word(sns_region(write)));
        return (!is_known()).then(|| command(line));
    }
    let region = word(write.region());
    Some(command(format!("aws pinpoint-sms-voice-v2 describe-account-attributes --region {region}")))
}

/// The ARN of the SES identity with which Cognito would send the codes.
fn ses_identity<'a>(write: &PlannedWrite<'a>) -> Option<&'a str> {
    let sends = write.sends(Section::Email) && sender(write, Section::Email).is_none();
    let pool = write.described().filter(|pool| sends && pool.sends_by_ses())?;
    pool.ses_identity()
}

fn get_identity(arn: &str) -> Option<Remedy> {
    let (_, name) = arn.split_once(":identity/")?;
    let line = format!("aws sesv2 get-email-identity --email-identity {}", word(name));
    Some(command(format!("{line} --region {}", word(region_of(arn)?))))
}

fn get_email_account(arn: &str) -> Option<Remedy> {
    let region = word(region_of(arn)?);
    Some(command(format!("aws sesv2 get-account --query ProductionAccessEnabled --region {region}")))
}

/// The Lambda function that sends the codes of this section in place of Cognito.
fn sender<'a>(write: &PlannedWrite<'a>, section: Section) -> Option<&'a str> {
    let pool = write.described().filter(|_| write.sends(section))?;
    match section {
        Section::Sms => pool.sms_sender(),
        Section::Email => pool.email_sender(),
        Section::Totp | Section::Passkey => None,
    }
}

fn get_function(arn: &str) -> Remedy {
    let region = region_of(arn).map(|region| format!(" --region {}", word(region))).unwrap_or_default();
    command(format!("aws lambda get-function --function-name {}{region}", word(arn)))
}

/// The relying party, where the pool does not have it yet and its characters may pass.
fn new_relying_party<'a>(write: &PlannedWrite<'a>) -> Option<&'a str> {
    let party = write.relying_party().filter(|party| !has_other_characters(party))?;
    (relying_party(write.observed) != Some(party)).then_some(party)
}

fn find_suffix(party: &str) -> Remedy {
    let list = "https://publicsuffix.org/list/public_suffix_list.dat";
    command(format!("curl -fsS {list} | grep -Fx -- {}", word(party)))
}

/// The region in an ARN. A sender's need not be the pool's own.
fn region_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(3).filter(|region| !region.is_empty())
}
