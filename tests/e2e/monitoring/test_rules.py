"""The alerts: promtool takes them, each fires when it should and not before, and all they name is there."""

import json
import pathlib
import re
import shutil
import tempfile
import unittest

import yaml

import kit
import named
from commands import run

TESTS = pathlib.Path(__file__).with_name("rules")
SEVERITIES = {"critical", "warning", "info"}


class Rules(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, groups):
        path = self.folder / "alerts.yaml"
        path.write_text(yaml.safe_dump({"groups": groups}))
        return path

    def test_promtool_takes_the_rules(self):
        said = run(kit.program("promtool"), "check", "rules", "--lint=all", "--lint-fatal", self.write(kit.groups()))
        self.assertIn(f"{len(kit.alerts())} rules found", said.stdout)

    def test_each_alert_fires_in_its_case_and_not_before(self):
        groups = kit.groups()
        for rule in (rule for group in groups for rule in group["rules"]):
            rule["annotations"] = {"summary": rule["annotations"]["summary"]}
        self.write(groups)
        for test in TESTS.glob("*_test.yaml"):
            shutil.copy(test, self.folder)
            run(kit.program("promtool"), "test", "rules", self.folder / test.name)

    def test_each_alert_has_a_case_where_it_fires_and_one_where_it_does_not(self):
        files = [yaml.safe_load(path.read_text()) for path in TESTS.glob("*_test.yaml")]
        cases = [case for file in files for test in file["tests"] for case in test["alert_rule_test"]]
        for alert in kit.alerts():
            fires = {bool(case["exp_alerts"]) for case in cases if case["alertname"] == alert["alert"]}
            self.assertEqual(fires, {True, False}, alert["alert"])

    def test_every_metric_that_an_alert_names_is_there(self):
        for alert in kit.alerts():
            self.assertEqual(named.unknown(alert["expr"]), set(), alert["alert"])

    def test_each_alert_says_what_happened_why_and_what_to_do(self):
        for alert in kit.alerts(runbookBaseUrl="https://docs.example.com"):
            with self.subTest(alert["alert"]):
                self.assertIn(alert["labels"]["severity"], SEVERITIES)
                self.assertEqual(set(alert["annotations"]), {"summary", "description", "runbook_url"})
                self.assertNotIn("@", alert["annotations"]["description"] + alert["expr"])

    def test_the_runbook_of_each_alert_is_a_heading_of_the_documents(self):
        for alert in kit.alerts(runbookBaseUrl="https://docs.example.com"):
            page, anchor = re.fullmatch(r"https://docs\.example\.com/(\S+?)#(.+)", alert["annotations"]["runbook_url"]).groups()
            anchors = named.states() if "{{" in anchor else {anchor}
            text = (kit.ROOT / "docs" / page).read_text()
            self.assertLessEqual({each.lower() for each in anchors}, named.headings(text), alert["alert"])

    def test_the_documents_have_each_alert_with_its_severity_and_its_wait(self):
        rows = re.findall(r"^\| \[(\w+)\]\(\S+\) \| (\w+) \| ([\w ]+) \|", (kit.ROOT / "docs/monitoring.md").read_text(), re.M)
        alerts = [(alert["alert"], alert["labels"]["severity"], alert.get("for", "at once")) for alert in kit.alerts()]
        self.assertEqual(rows, alerts)

    def test_the_runbooks_are_at_the_home_of_a_published_chart_by_default(self):
        self.assertFalse([alert for alert in kit.alerts() if "runbook_url" in alert["annotations"]])
        published = self.folder / "chart"
        shutil.copytree(kit.CHART, published)
        with (published / "Chart.yaml").open("a") as about:
            about.write("home: https://example.com/project\n")
        version = yaml.safe_load((kit.CHART / "Chart.yaml").read_text())["appVersion"]
        for values in ({}, {"runbookBaseUrl": "https://docs.example.com"}):
            rule = {"enabled": True, **values}
            rendered = kit.render({"metrics": {"prometheusRule": rule}}, chart=published).stdout
            base = values.get("runbookBaseUrl", f"https://example.com/project/blob/v{version}/docs")
            self.assertEqual(rendered.count("runbook_url: "), rendered.count(f"runbook_url: {base}/"))
            self.assertEqual(rendered.count("runbook_url: "), rendered.count("alert: "))

    def test_the_codes_that_alerts_name_are_those_of_the_operator(self):
        [throttled], [unavailable] = (named.codes_of(kit.alerts(), name) for name in ("Throttled", "AwsErrors"))
        self.assertEqual(throttled, named.codes("Throttled"))
        self.assertEqual(unavailable, named.codes("Transient"))

    def test_the_states_that_alerts_name_are_reasons_of_the_operator(self):
        for alert in kit.alerts():
            self.assertLessEqual(named.states_in(alert["expr"]), named.states(), alert["alert"])

    def test_values_choose_leave_out_and_label(self):
        chosen = kit.alerts(selector='cluster="a"', disabled=["UserPoolMfaConfigOff"], ruleLabels={"team": "identity"},
                            thresholds={"oldestCheckAgeSeconds": 7777})
        by_name = {alert["alert"]: alert for alert in chosen}
        self.assertEqual(by_name["CognitoMfaOperatorDown"]["expr"], 'absent(cognito_mfa_operator_leader{cluster="a"})')
        self.assertIn("> 7777 *", by_name["CognitoMfaOperatorChecksLate"]["expr"])
        self.assertNotIn("UserPoolMfaConfigOff", by_name)
        self.assertTrue(all(alert["labels"]["team"] == "identity" for alert in chosen))

    def test_a_selector_changes_expressions_and_nothing_around_them(self):
        for selector in ('job="a: b"', 'job="a #b"', 'job=~"a\\\\d+",x!="{\\"}"'):
            with self.subTest(selector):
                chosen = kit.alerts(selector=selector)
                self.assertEqual(len(chosen), len(kit.alerts()))
                self.assertEqual(chosen[0]["expr"], f"absent(cognito_mfa_operator_leader{{{selector}}})")

    def test_a_check_is_late_after_twice_its_interval_at_the_soonest(self):
        values = {"driftCheckInterval": "12h", "metrics": {"prometheusRule": {"enabled": True}}}
        [rule] = kit.objects(values, "PrometheusRule")
        [late] = [alert for alert in rule["spec"]["groups"][0]["rules"] if alert["alert"] == "CognitoMfaOperatorChecksLate"]
        self.assertIn("> 86400 *", late["expr"])

    def test_a_rule_without_alerts_is_refused(self):
        names = [alert["alert"] for alert in kit.alerts()]
        values = {"metrics": {"prometheusRule": {"enabled": True, "disabled": names}}}
        self.assertIn("has no alert left", kit.render(values, check=False).stderr)

    def test_the_schema_knows_the_names_of_all_alerts(self):
        schema = json.loads((kit.CHART / "values.schema.json").read_text())
        rule = schema["properties"]["metrics"]["properties"]["prometheusRule"]["properties"]
        self.assertEqual(rule["disabled"]["items"]["enum"], [alert["alert"] for alert in kit.alerts()])

    def test_alerts_on_single_objects_need_their_metrics(self):
        [rule] = kit.objects({"metrics": {"prometheusRule": {"enabled": True}}}, "PrometheusRule")
        self.assertEqual([group["name"] for group in rule["spec"]["groups"]], ["cognito-mfa-operator"])


class RenderModes(unittest.TestCase):
    def rendered(self, mode, *arguments, kind):
        key = kind[0].lower() + kind[1:]
        return kit.render({"metrics": {key: {"enabled": True, "renderMode": mode}}}, *arguments, check=False)

    def test_where_the_kind_is_missing_the_mode_decides(self):
        for kind in ("ServiceMonitor", "PrometheusRule"):
            with self.subTest(kind):
                without = ["--kube-version", kit.KUBERNETES]
                self.assertNotIn(f"kind: {kind}", self.rendered("skipIfMissing", *without, kind=kind).stdout)
                self.assertIn(f"kind: {kind}", self.rendered("alwaysRender", *without, kind=kind).stdout)
                refused = self.rendered("failIfMissing", *without, kind=kind)
                self.assertNotEqual(refused.returncode, 0)
                self.assertIn(f"the cluster has no {kind}", refused.stderr)
                self.assertIn(f"kind: {kind}", self.rendered("failIfMissing", kind=kind).stdout)

    def test_a_servicemonitor_without_a_service_is_refused(self):
        values = {"metrics": {"serviceMonitor": {"enabled": True}}, "service": {"enabled": False}}
        self.assertIn("service.enabled=true", kit.render(values, check=False).stderr)

    def test_a_wrong_value_is_refused_by_name(self):
        for values, word in (
            ({"serviceMonitor": {"renderMode": "sometimes"}}, "/metrics/serviceMonitor/renderMode"),
            ({"serviceMonitor": {"interval": "soon"}}, "/metrics/serviceMonitor/interval"),
            ({"prometheusRule": {"threshold": {}}}, "threshold"),
            ({"prometheusRule": {"selector": 'a="b"\nc: d'}}, "/metrics/prometheusRule/selector"),
            ({"prometheusRule": {"selector": 'a="b",'}}, "/metrics/prometheusRule/selector"),
            ({"prometheusRule": {"selector": "a: b"}}, "/metrics/prometheusRule/selector"),
            ({"prometheusRule": {"selector": '{a="b"}'}}, "/metrics/prometheusRule/selector"),
            ({"prometheusRule": {"disabled": ["CognitoMfaOperatorLow"]}}, "/metrics/prometheusRule/disabled"),
            ({"dashboard": {"labels": {"a": 1}}}, "/metrics/dashboard/labels"),
        ):
            self.assertIn(word, kit.render({"metrics": values}, check=False).stderr)
