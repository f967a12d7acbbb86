#!/usr/bin/env python3
"""The steps of the demo. demo.py starts this program with a control plane."""

import argparse
import datetime
import shlex
import sys
import time

import terminal
from cluster import ExistingCluster, OwnControlPlane
from rig import Failed, Rig, interrupt_once, stop

CUSTOMERS, PARTNERS, WORKFORCE = "eu-west-1_AbCdEf123", "eu-west-1_StUvWx012", "eu-west-1_GhIjKl456"
SMS_CALLER = {"SnsCallerArn": "arn:aws:iam::123456789012:role/cognito-sms", "ExternalId": "partners-sms"}
SET_UP_BY_HAND = {
    "MfaConfiguration": "ON",
    "SoftwareTokenMfaConfiguration": {"Enabled": True},
    "SmsMfaConfiguration": {"SmsConfiguration": SMS_CALLER},
}
GET_CONFIG = "aws cognito-idp get-user-pool-mfa-config --user-pool-id"
ANNOTATION = "cognito.mfaoperator.dev/reconcile-requested-at"
WAIT = "--timeout=2m"
LOG_LINES = 15
INTERRUPTED = 130


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave everything running at the end, until Ctrl-C")
    parser.add_argument("--kubeconfig", metavar="FILE", help="run on the existing cluster of its current context")
    options = parser.parse_args()
    interrupt_once()
    try:
        with Rig() as rig, choose_cluster(rig, options.kubeconfig) as rig.cluster:
            return run_steps(rig, options.keep)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (Failed, OSError):
        return 1  # report_failure has printed the reason.


def choose_cluster(rig, kubeconfig):
    return ExistingCluster(rig, kubeconfig) if kubeconfig else OwnControlPlane(rig)


def run_steps(rig, keep):
    start = time.monotonic()
    steps = [start_programs, apply_spec, correct_drift, refuse_invalid_specs, hold_existing_pool, adopt_existing_pool,
             show_aws_error, recover_from_aws_error, keep_running if keep else tear_down]
    for number, step in enumerate(steps, 1):
        terminal.heading(f"{number}. {step.__doc__}")
        try:
            step(rig)
        except (Failed, OSError) as error:
            report_failure(rig, f"Step {number} ({step.__doc__}) failed: {error}.")
            raise
    terminal.say(f"\nThe demo took {time.monotonic() - start:.0f} s. To leave everything running at the end: "
                 "make demo KEEP=1")
    return 0


def start_programs(rig):
    """Start an emulator of Cognito, and the operator"""
    terminal.say(f"{rig.cluster.intro} No AWS account is used: the emulator serves "
                 "Cognito's API over HTTP and refuses what AWS is known to refuse. It has three user pools.")
    rig.start_emulator()
    rig.pool(CUSTOMERS)
    rig.pool(PARTNERS, live=SET_UP_BY_HAND)
    rig.pool(WORKFORCE, facts={"tier": "LITE", "emailSender": "DEVELOPER", "recovery": ["admin_only"]})
    rig.run("aws cognito-idp list-user-pools --max-results 10 --query 'UserPools[].Id'",
            CUSTOMERS, PARTNERS, WORKFORCE)
    rig.cluster.install()
    # --for=condition=Established fails at once on a CRD that has no conditions yet.
    rig.run("kubectl wait crd/userpoolmfaconfigs.cognito.mfaoperator.dev "
            "--for='jsonpath={.status.conditions[?(@.type==\"Established\")].status}=True' " + WAIT)
    terminal.say(f"\n{rig.cluster.why_no_pod} The operator runs as a local process instead, "
                 "with the token of its ServiceAccount, so it has no other permissions.")
    create_token = ["kubectl", "create", "token", f"--namespace={rig.cluster.namespace}", "cognito-mfa-operator"]
    rig.start_operator(rig.run_quietly(*create_token, "--duration=24h"), rig.cluster.flags)
    terminal.done("The operator has read all objects and is ready.")


def apply_spec(rig):
    """Apply a spec"""
    terminal.say("The customers' pool has no MFA. This object requires it:")
    rig.run("cat deploy/samples/totp.yaml")
    rig.run("kubectl apply -f deploy/samples/totp.yaml")
    rig.run("kubectl wait upmfa/customers --for=condition=Ready " + WAIT)
    rig.run("kubectl get upmfa", "InSync")
    rig.wait_for_event("customers", "Updated")
    rig.run("kubectl describe upmfa customers | sed -n '/^Status:/,$p'", "Updated")
    rig.run(f"{GET_CONFIG} {CUSTOMERS}", '"MfaConfiguration": "ON"')
    terminal.done("Cognito equals the spec, and the status reports it.")


def correct_drift(rig):
    """Correct drift: somebody turns MFA off in AWS"""
    rig.run(f"aws cognito-idp set-user-pool-mfa-config --user-pool-id {CUSTOMERS} --mfa-configuration OFF",
            '"MfaConfiguration": "OFF"')
    terminal.say("\nBy default the operator checks each pool every ten minutes. An annotation requests a check "
                 "now:")
    check_now(rig, "customers")
    rig.wait_for_event("customers", "DriftCorrected")
    rig.run("kubectl events --for upmfa/customers", "DriftCorrected")
    rig.run("kubectl get upmfa customers -o jsonpath='{.status.corrections}'", "mfaConfiguration")
    rig.run(f"{GET_CONFIG} {CUSTOMERS} --query MfaConfiguration", "ON")
    terminal.done("MFA is on again. An event reports the correction, and the status lists the last five corrections.")


def refuse_invalid_specs(rig):
    """Refuse invalid specs, before anything reaches AWS"""
    before = rig.writes(CUSTOMERS)
    terminal.say("A spec that requires MFA, but enables no factor:")
    rig.run("sed 's/enabled: true/enabled: false/' deploy/samples/totp.yaml | kubectl apply -f -",
            "need a factor", fails=True)
    terminal.say("\nA spec that changes userPoolId, which is immutable:")
    rig.run("sed 's/AbCdEf123/Other/' deploy/samples/totp.yaml | kubectl apply -f -", "immutable", fails=True)
    terminal.say("\nA spec with ON without quotes, which YAML reads as the boolean true:")
    rig.run("""sed 's/"ON"/ON/' deploy/samples/totp.yaml | kubectl apply -f -""", "boolean", fails=True)
    expect_writes(rig.writes(CUSTOMERS), before)
    terminal.done("The API server refused all three and gave the reason. Cognito was not called.")


def hold_existing_pool(rig):
    """Put an object on hold, because its spec would remove a factor from an existing pool"""
    terminal.say("The partners' pool was set up by hand long ago:")
    rig.run(f"{GET_CONFIG} {PARTNERS}", "SmsMfaConfiguration")
    terminal.say("\nThis spec omits SMS by mistake. A write replaces all MFA settings, so it would remove SMS from "
                 "the partners who use it.")
    rig.run("kubectl apply -f demo/partners.yaml")
    rig.run("kubectl wait upmfa/partners --for=condition=Stalled " + WAIT)
    rig.run("kubectl get upmfa -o wide", "AdoptionHeld")
    rig.run("""kubectl get upmfa partners -o jsonpath='{.status.conditions[?(@.type=="Ready")].message}'""",
            "SMS as a factor")
    rig.run("kubectl get upmfa partners -o jsonpath='{.status.drift}'", "smsMfaConfiguration")
    expect_writes(rig.writes(PARTNERS), 0)
    terminal.done("Nothing was written. The status reports what the spec would remove.")


def adopt_existing_pool(rig):
    """Adopt the pool, once its spec declares what the pool has"""
    terminal.say("There are two ways to continue: adoptionPolicy: Overwrite removes SMS, and declaring SMS in the spec "
                 "keeps it. This spec declares it:")
    rig.run("sed -n '/^spec:/,$p' demo/partners-with-sms.yaml")
    rig.run("kubectl apply -f demo/partners-with-sms.yaml")
    rig.run("kubectl wait upmfa/partners --for=condition=Ready " + WAIT)
    rig.run("kubectl get upmfa partners", "InSync", "SMS,TOTP")
    expect_writes(rig.writes(PARTNERS), 0)
    terminal.done("The pool is adopted without a write, because it already equals the spec.")


def show_aws_error(rig):
    """Show an error of AWS in the status"""
    terminal.say("This spec gives the workforce every factor. AWS refuses it, because the pool is in the Lite tier.")
    rig.run("sed -n '/^spec:/,$p' deploy/samples/all-factors.yaml")
    rig.run("kubectl apply -f deploy/samples/all-factors.yaml")
    rig.run("kubectl wait upmfa/workforce --for=condition=Stalled " + WAIT)
    rig.run("kubectl get upmfa", "FeatureUnavailableInTier")
    rig.run("kubectl get upmfa workforce -o jsonpath='{.status.lastError}'",
            "FeatureUnavailableInTierException")
    terminal.done("The status has AWS's code and message. The operator retries, with growing delays.")


def recover_from_aws_error(rig):
    """Recover, once the cause of the error is fixed"""
    rig.run(f"aws cognito-idp update-user-pool --user-pool-id {WORKFORCE} --user-pool-tier ESSENTIALS")
    terminal.say("\n(For a real pool, pass all its other settings in that call, too: UpdateUserPool resets some of "
                 "the settings that are omitted.) The next retry would succeed. Request a check now:")
    check_now(rig, "workforce")
    rig.run("kubectl wait upmfa/workforce --for=condition=Ready " + WAIT)
    rig.run("kubectl get upmfa", "SMS,TOTP,EMAIL,PASSKEY")
    terminal.done("All three objects are Ready.")


def tear_down(rig):
    """Delete the objects and stop all programs"""
    rig.run("kubectl delete upmfa --all")
    rig.run(f"{GET_CONFIG} {CUSTOMERS} --query MfaConfiguration", "ON")
    terminal.say("\nDeleting an object leaves its pool unchanged. Stop the operator with SIGTERM:")
    code = stop(rig.operator)
    terminal.output(last_lines(rig, "cognito-mfa-operator", 2))
    if code != 0:
        raise Failed(f"the operator exited with code {code}")
    stop(rig.emulator)
    terminal.done(f"The operator and the emulator have stopped. {rig.cluster.end}")


def keep_running(rig):
    """Leave everything running, until Ctrl-C"""
    terminal.say("Run this in another terminal:\n")
    names = ["KUBECONFIG", *(name for name in rig.environment if name.startswith("AWS_")), "PATH"]
    for name in names:
        value = rig.environment[name] if name != "PATH" else own_path(rig)
        terminal.output(f"export {name}={shlex.quote(value)}" + (":$PATH" if name == "PATH" else ""))
    terminal.output("\nkubectl get upmfa --watch")
    terminal.output("aws cognito-idp list-user-pools --max-results 10")
    terminal.output(f"\nmetrics:           http://{rig.operator_address()}/metrics")
    terminal.output(f"emulator admin:    {rig.environment['AWS_ENDPOINT_URL']}/_admin "
                    "(see crates/cognito-emulator/README.md)")
    terminal.output(f"logs:              {rig.folder}")
    terminal.output("\nCtrl-C stops everything.")
    raise Failed(f"the operator exited with code {rig.operator.wait()}")


def own_path(rig):
    """The directories of kubectl and the AWS CLI, which the demo put in front of PATH."""
    return ":".join(rig.environment["PATH"].split(":")[:2])


def check_now(rig, name):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    rig.run(f"kubectl annotate upmfa {name} --overwrite {ANNOTATION}={now}")
    rig.run(f"kubectl wait upmfa/{name} --for=jsonpath='{{.status.lastHandledReconcileAt}}'={now} {WAIT}")


def expect_writes(writes, expected):
    if writes != expected:
        raise Failed(f"the pool was written {writes - expected} times, although it should be unchanged")


def report_failure(rig, message):
    terminal.fail(message)
    if rig.log("cognito-mfa-operator").exists():
        terminal.output("The end of the operator's log:")
        terminal.output(last_lines(rig, "cognito-mfa-operator", LOG_LINES))
    terminal.output(f"The complete logs are in {rig.folder}")


def last_lines(rig, name, count):
    return "\n".join(rig.log(name).read_text().splitlines()[-count:])


if __name__ == "__main__":
    sys.exit(main())
