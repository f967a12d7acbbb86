#!/usr/bin/env python3
"""The demo's story. demo.py starts it, inside a control plane."""

import argparse
import datetime
import shlex
import signal
import sys
import time

import terminal
from rig import Failed, Rig, stop

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
    parser.add_argument("--keep", action="store_true", help="stay up at the end, until Ctrl-C")
    keep = parser.parse_args().keep
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Rig() as rig:
            return tell(rig, keep)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (Failed, OSError):
        return 1  # told already


def tell(rig, keep):
    began = time.monotonic()
    steps = [parts_come_up, spec_is_applied, drift_is_corrected, bad_specs_are_refused, live_pool_is_held,
             live_pool_is_adopted, aws_error_is_shown, aws_error_is_mended, stay if keep else torn_down]
    for number, step in enumerate(steps, 1):
        terminal.heading(f"{number}. {step.__doc__}")
        try:
            step(rig)
        except (Failed, OSError) as error:
            give_up(rig, f"Step {number}, {step.__doc__!r}: {error}.")
            raise
    terminal.say(f"\nThe whole story took {time.monotonic() - began:.0f} s. To have it left running at the "
                 "end: make demo KEEP=1")
    return 0


def parts_come_up(rig):
    """A control plane, an emulator for Cognito, and the operator"""
    terminal.say("A real kube-apiserver and etcd are up. No AWS account is touched: the emulator speaks "
                 "Cognito's API over HTTP and refuses what AWS is known to refuse. It has three user pools.")
    rig.start_emulator()
    rig.pool(CUSTOMERS)
    rig.pool(PARTNERS, live=SET_UP_BY_HAND)
    rig.pool(WORKFORCE, facts={"tier": "LITE", "emailSender": "DEVELOPER"})
    rig.run("aws cognito-idp list-user-pools --max-results 10 --query 'UserPools[].Id'",
            CUSTOMERS, PARTNERS, WORKFORCE)
    terminal.say("\nThe resource, the operator's ServiceAccount and rights, and its Deployment:")
    rig.run("kubectl apply -f deploy/install.yaml")
    # Not --for=condition=Established: that gives up on a CRD which has no conditions yet.
    rig.run("kubectl wait crd/userpoolmfaconfigs.cognito.mfaoperator.dev "
            "--for='jsonpath={.status.conditions[?(@.type==\"Established\")].status}=True' " + WAIT)
    terminal.say("\nNothing runs Pods here, so the operator runs beside the API server, with that "
                 "ServiceAccount's own token and no other right.")
    create_token = ["kubectl", "create", "token", "--namespace=cognito-mfa-operator", "cognito-mfa-operator"]
    rig.start_operator(rig.quietly(*create_token, "--duration=24h"))
    terminal.done("The operator has listed every object and is ready.")


def spec_is_applied(rig):
    """A spec is applied"""
    terminal.say("The pool of the customers has no MFA. This says that it is to have it:")
    rig.run("cat deploy/samples/totp.yaml")
    rig.run("kubectl apply -f deploy/samples/totp.yaml")
    rig.run("kubectl wait upmfa/customers --for=condition=Ready " + WAIT)
    rig.run("kubectl get upmfa", "InSync")
    rig.wait_for_event("customers", "Updated")
    rig.run("kubectl describe upmfa customers | sed -n '/^Status:/,$p'", "Updated")
    rig.run(f"{GET_CONFIG} {CUSTOMERS}", '"MfaConfiguration": "ON"')
    terminal.done("Cognito has what the spec says, and the status says so.")


def drift_is_corrected(rig):
    """Somebody turns MFA off behind the operator's back"""
    rig.run(f"aws cognito-idp set-user-pool-mfa-config --user-pool-id {CUSTOMERS} --mfa-configuration OFF",
            '"MfaConfiguration": "OFF"')
    terminal.say("\nThe operator looks at each pool every ten minutes, unless told otherwise. Rather than "
                 "wait, ask for a check now:")
    check_now(rig, "customers")
    rig.wait_for_event("customers", "DriftCorrected")
    rig.run("kubectl events --for upmfa/customers", "DriftCorrected")
    rig.run("kubectl get upmfa customers -o jsonpath='{.status.corrections}'", "mfaConfiguration")
    rig.run(f"{GET_CONFIG} {CUSTOMERS} --query MfaConfiguration", "ON")
    terminal.done("MFA is back, an event tells what was set, and the status keeps the last five corrections.")


def bad_specs_are_refused(rig):
    """Specs that cannot be meant are refused, and nothing reaches AWS"""
    before = rig.sets(CUSTOMERS)
    terminal.say("MFA is required, but no factor is on:")
    rig.run("sed 's/enabled: true/enabled: false/' deploy/samples/totp.yaml | kubectl apply -f -",
            "need a factor", fails=True)
    terminal.say("\nAn object speaks for one pool, for good:")
    rig.run("sed 's/AbCdEf123/Other/' deploy/samples/totp.yaml | kubectl apply -f -", "immutable", fails=True)
    terminal.say("\nThe trap of YAML: ON without quotes is the boolean true.")
    rig.run("""sed 's/"ON"/ON/' deploy/samples/totp.yaml | kubectl apply -f -""", "boolean", fails=True)
    same(rig.sets(CUSTOMERS), before)
    terminal.done("The API server refused all three with its reason. Cognito was not called.")


def live_pool_is_held(rig):
    """A live pool is met for the first time, and held"""
    terminal.say("The pool of the partners was set up by hand long ago:")
    rig.run(f"{GET_CONFIG} {PARTNERS}", "SmsMfaConfiguration")
    terminal.say("\nWhoever writes its spec forgets SMS. A Set replaces everything, so it would take SMS "
                 "away from the partners who use it.")
    rig.run("kubectl apply -f demo/partners.yaml")
    rig.run("kubectl wait upmfa/partners --for=condition=Stalled " + WAIT)
    rig.run("kubectl get upmfa -o wide", "AdoptionHeld")
    rig.run("""kubectl get upmfa partners -o jsonpath='{.status.conditions[?(@.type=="Ready")].message}'""",
            "SMS as a factor")
    rig.run("kubectl get upmfa partners -o jsonpath='{.status.drift}'", "smsMfaConfiguration")
    same(rig.sets(PARTNERS), 0)
    terminal.done("Nothing was set. The status says what the spec would take away.")


def live_pool_is_adopted(rig):
    """The spec declares what the pool has, and the pool is adopted"""
    terminal.say("Two ways lead on: adoptionPolicy: Overwrite takes SMS away, declaring it keeps it.")
    rig.run("sed -n '/^spec:/,$p' demo/partners-with-sms.yaml")
    rig.run("kubectl apply -f demo/partners-with-sms.yaml")
    rig.run("kubectl wait upmfa/partners --for=condition=Ready " + WAIT)
    rig.run("kubectl get upmfa partners", "InSync", "SMS,TOTP")
    same(rig.sets(PARTNERS), 0)
    terminal.done("Adopted without a single Set: the pool was equal already.")


def aws_error_is_shown(rig):
    """AWS refuses, and the status says why"""
    terminal.say("The workforce is to have every factor. Its pool is in the Lite tier: only AWS knows that.")
    rig.run("sed -n '/^spec:/,$p' deploy/samples/all-factors.yaml")
    rig.run("kubectl apply -f deploy/samples/all-factors.yaml")
    rig.run("kubectl wait upmfa/workforce --for=condition=Stalled " + WAIT)
    rig.run("kubectl get upmfa", "FeatureUnavailableInTier")
    rig.run("kubectl get upmfa workforce -o jsonpath='{.status.lastError}'",
            "FeatureUnavailableInTierException")
    terminal.done("AWS's own code and message are in the status. The operator tries again, ever more slowly.")


def aws_error_is_mended(rig):
    """Somebody mends the cause, and the object heals"""
    rig.run(f"aws cognito-idp update-user-pool --user-pool-id {WORKFORCE} --user-pool-tier ESSENTIALS")
    terminal.say("\n(For a real pool give all its other settings in that call, too: UpdateUserPool resets "
                 "some that it is not given.) The next try would find it mended. Again, ask for it now:")
    check_now(rig, "workforce")
    rig.run("kubectl wait upmfa/workforce --for=condition=Ready " + WAIT)
    rig.run("kubectl get upmfa", "SMS,TOTP,EMAIL,PASSKEY")
    terminal.done("All three objects are Ready.")


def torn_down(rig):
    """Everything is torn down"""
    rig.run("kubectl delete upmfa --all")
    rig.run(f"{GET_CONFIG} {CUSTOMERS} --query MfaConfiguration", "ON")
    terminal.say("\nDeleting an object leaves its pool as it is. The operator is asked to stop (SIGTERM):")
    code = stop(rig.operator)
    terminal.output(last_lines(rig, "cognito-mfa-operator", 2))
    if code != 0:
        raise Failed(f"the operator ended with code {code}")
    stop(rig.emulator)
    terminal.done("The operator and the emulator have ended. The control plane ends with this script.")


def stay(rig):
    """Everything stays up, until Ctrl-C"""
    terminal.say("In another terminal:\n")
    names = ["KUBECONFIG", *(name for name in rig.environment if name.startswith("AWS_")), "PATH"]
    for name in names:
        value = rig.environment[name] if name != "PATH" else own_path(rig)
        terminal.output(f"export {name}={shlex.quote(value)}" + (":$PATH" if name == "PATH" else ""))
    terminal.output("\nkubectl get upmfa --watch")
    terminal.output("aws cognito-idp list-user-pools --max-results 10")
    terminal.output(f"\nmetrics:           http://{rig.operator_address()}/metrics")
    terminal.output(f"emulator's admin:  {rig.environment['AWS_ENDPOINT_URL']}/_admin "
                    "(see crates/cognito-emulator/README.md)")
    terminal.output(f"logs:              {rig.folder}")
    terminal.output("\nCtrl-C here stops all of it.")
    raise Failed(f"the operator ended with code {rig.operator.wait()}")


def own_path(rig):
    """The folders that the demo put in front of PATH: kubectl's and the AWS CLI's."""
    return ":".join(rig.environment["PATH"].split(":")[:2])


def check_now(rig, name):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    rig.run(f"kubectl annotate upmfa {name} --overwrite {ANNOTATION}={now}")
    rig.run(f"kubectl wait upmfa/{name} --for=jsonpath='{{.status.lastHandledReconcileAt}}'={now} {WAIT}")


def same(sets, expected):
    if sets != expected:
        raise Failed(f"the pool was set {sets - expected} times where it was to be left alone")


def give_up(rig, what):
    terminal.fail(what)
    if rig.log("cognito-mfa-operator").exists():
        terminal.output("The end of the operator's log:")
        terminal.output(last_lines(rig, "cognito-mfa-operator", LOG_LINES))
    terminal.output(f"The whole logs are kept in {rig.folder}")


def last_lines(rig, name, count):
    return "\n".join(rig.log(name).read_text().splitlines()[-count:])


if __name__ == "__main__":
    sys.exit(main())
