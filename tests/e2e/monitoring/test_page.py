"""The metrics page of the real operator: Prometheus' own parser takes it, promtool finds nothing to complain of, and
every metric that the rules, the dashboard and the documents name is on it."""

import json
import pathlib
import re
import shutil
import tempfile
import unittest

import kit
import named
import rig
from commands import run, wait_until
from programs import Programs
from emulator import Emulator

POOL = "eu-west-1_Metrics"
TOTP = {"softwareTokenMfaConfiguration": {"enabled": True}}
FAMILY = re.compile(r"^# (?:HELP|TYPE) (\w+) ", re.M)


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        kit.install_crd()
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.text, cls.media_type = a_page_that_has_everything(cls.folder)

    def test_it_is_openmetrics_and_says_so(self):
        self.assertTrue(self.media_type.startswith("application/openmetrics-text; version=1.0.0"), self.media_type)
        self.assertTrue(self.text.endswith("# EOF\n"))

    def test_the_openmetrics_parser_of_prometheus_takes_it(self):
        """`promtool check metrics` reads the older text format alone. The importer reads OpenMetrics, and wants times."""
        timed = re.sub(r"^([^#\n].*)$", r"\1 1700000000", self.text, flags=re.M)
        (self.folder / "page").write_text(timed)
        run(kit.program("promtool"), "tsdb", "create-blocks-from", "openmetrics", self.folder / "page",
            self.folder / "blocks")
        self.assertTrue(any((self.folder / "blocks").iterdir()), "nothing was imported")

    def test_promtool_finds_nothing_to_complain_of(self):
        checked = run(kit.program("promtool"), "check", "metrics", stdin=as_older_text(self.text), check=False)
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))

    def test_every_metric_of_the_registry_is_on_it_and_no_other(self):
        # No watch has failed here, and this metric names those that have.
        expected = named.own_metrics() - {"cognito_mfa_operator_watch_failing"}
        self.assertEqual(set(FAMILY.findall(as_older_text(self.text))), expected)

    def test_the_documents_tell_of_every_metric_and_of_no_other(self):
        page = (kit.ROOT / "docs" / "monitoring.md").read_text()
        shown = set(re.findall(r"^\| `(cognito_mfa_operator_\w+)`", page, re.M))
        self.assertEqual(shown, named.own_metrics())


class Probe(unittest.TestCase):
    """What `helm test` runs."""

    def test_finds_the_real_operator_ready_and_of_its_own_version(self):
        programs = Programs()
        with rig.operator(programs, Emulator(programs)) as port:
            said = run(rig.OPERATOR, "probe", f"127.0.0.1:{port}")
        self.assertIn("is ready and of version", said.stdout)


class Dashboard(unittest.TestCase):
    def setUp(self):
        self.board = json.loads((kit.CHART / "files" / "dashboard.json").read_text())
        self.panels = [panel for panel in self.board["panels"] if panel["type"] != "row"]

    def test_its_queries_name_only_metrics_that_there_are(self):
        texts = [target["expr"] for panel in self.panels for target in panel["targets"]]
        texts += [each["query"]["query"] for each in self.board["templating"]["list"] if each["type"] == "query"]
        for text in texts:
            self.assertTrue(named.METRIC.search(text), text)
            self.assertEqual(named.unknown(text), set(), text)

    def test_promtool_parses_its_queries(self):
        for panel in self.panels:
            for target in panel["targets"]:
                expression = target["expr"].replace("$__rate_interval", "5m")
                run(kit.program("promtool"), "promql", "format", "--experimental", expression)

    def test_every_panel_asks_the_chosen_data_source_and_has_a_place_of_its_own(self):
        places = set()
        for panel in self.panels:
            self.assertEqual(panel["datasource"]["uid"], "${datasource}", panel["title"])
            at = panel["gridPos"]
            mine = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            self.assertFalse(places & mine, panel["title"])
            places |= mine
        ids = [panel["id"] for panel in self.board["panels"]]
        self.assertEqual(len(ids), len(set(ids)))

    def test_the_configmap_has_it_whole_under_the_sidecars_label(self):
        [found] = kit.objects({"metrics": {"dashboard": {"enabled": True}}}, "ConfigMap")
        self.assertEqual(json.loads(found["data"]["cognito-mfa-operator.json"]), self.board)
        self.assertEqual(found["metadata"]["labels"]["grafana_dashboard"], "1")


def a_page_that_has_everything(folder):
    """An adoption that lowers, and drift set back, under an accounts file: no family stays empty."""
    namespace, programs = kit.new_namespace(), Programs()
    accounts = folder / "accounts.yaml"
    accounts.write_text(json.dumps({"accounts": [{"namespaces": [namespace], "userPools": ["*"]}]}))
    cognito = Emulator(programs)
    cognito.pool(POOL, live={"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": True}})
    with rig.operator(programs, cognito, "--watch-namespaces", namespace, "--accounts-file", accounts) as port:
        spec = {"userPoolId": POOL, "mfaConfiguration": "OPTIONAL", "adoptionPolicy": "Overwrite", "driftPolicy": "Exact", **TOTP}
        kit.apply(kit.config(namespace, "seen", spec))
        # Without a first sample Prometheus sees no increase.
        for counter in ('lowerings_total{cause="drift"}', 'drift_corrections_total{lowered="true"}'):
            await_line(port, f"{counter} 0")
        await_line(port, 'lowerings_total{cause="adoption"} 1')
        cognito.change(POOL, MfaConfiguration="ON")
        kit.kubectl("annotate", "upmfa", "seen", "--namespace", namespace,
                    "cognito.mfaoperator.dev/reconcile-requested-at=now")
        await_line(port, 'drift_corrections_total{lowered="true"} 1')
        return rig.page(port)


def await_line(port, line):
    wait_until(lambda: f"cognito_mfa_operator_{line}" in rig.page(port)[0], lambda: f"{line}\n{rig.page(port)[0]}")


def as_older_text(page):
    """The page in the older format, where a counter's family has the name of its samples. The other differences, units
    and the end mark, are comments there."""
    counters = re.findall(r"^# TYPE (\w+) counter$", page, re.M)
    for counter in counters:
        page = re.sub(rf"^# (HELP|TYPE) {counter} ", rf"# \1 {counter}_total ", page, flags=re.M)
    return re.sub(r"^# (UNIT|EOF).*\n", "", page, flags=re.M)
