#!/usr/bin/env python3
"""What deploy/ says agrees with the server, with docker-compose.yaml and with itself.

    python3 tests/e2e/deploy_test.py path/to/bin

Needs Python's yaml package; without it, it is skipped (exit 77), and fails with CI=true. One of the
tests needs docker-compose in the same way. prometheus_test.sh asks the queries; Grafana, Loki and
Zipkin are not run.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
SKIPPED = 77
PROFILE = "observability"
PREFIX = "appServer_"
# Series and labels that Prometheus itself adds.
BUILT_IN = {"up": set(), "ALERTS": {"alertname", "alertstate", "severity"}}
BUILT_IN_LABELS = {"job", "instance", "le"}
SEVERITIES = {"critical", "warning", "info"}
LOKI_LABELS = {"service_name"}

# One call; the log is whole when the server has ended and its reader too.
ONE_CALL = """
set -euo pipefail
. scripts/lib.sh
. scripts/server.sh
trap server_stop_all EXIT
server_start "$1/muster-matchfunction" "$2"
"$1/musterctl" stat-codes --target "$server_address" >/dev/null
server_stop_all
wait
"""


def skip(reason: str) -> None:
    if os.environ.get("CI") == "true":
        print(f"deploy_test: {reason}")
        sys.exit(1)
    print(f"******** SKIPPED: deploy_test: {reason} ********")
    sys.exit(SKIPPED)


try:
    import yaml
except ImportError as error:
    skip(f"{error}; install python3-yaml")


def read(path: str) -> str:
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def read_yaml(path: str):
    return yaml.safe_load(read(path))


def documented_series() -> dict:
    """Series of docs/metrics.md, without the prefix, and their labels. A test of the server
    compares that page with the code."""
    series = {}
    for line in read("docs/metrics.md").split("\n"):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) >= 3:
            for name in re.findall(r"`([a-z_]+)`", cells[0]):
                series[name] = set(re.findall(r"`([a-z_]+)`", cells[2]))
    return series


CLAUSE = r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)"


def names_and_labels(query: str):
    """The series that a PromQL query names, and the labels that it selects or groups by."""
    text = re.sub(r'"[^"]*"', '""', query)
    labels = set(re.findall(r'(\w+)\s*(?:=~|!~|!=|=)\s*""', text))
    labels |= {label for found in re.findall(CLAUSE, text) for label in re.findall(r"\w+", found)}
    text = re.sub(CLAUSE, " ", re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", text))
    words = re.findall(r"(?<!\w)[A-Za-z_:][\w:]*(?!\w|\s*\()", text)
    return [word for word in words if word not in ("and", "or", "unless", "bool")], labels


def dashboard_panels(kind: str):
    dashboard = json.loads(read("deploy/grafana/dashboards/matchfunction.json"))
    return [panel for panel in dashboard["panels"]
            if panel.get("datasource", {}).get("type") == kind]


def metric_queries():
    """(where, query) of all panels and alerts, with the default prefix."""
    for panel in dashboard_panels("prometheus"):
        for target in panel["targets"]:
            yield panel["title"], target["expr"].replace("${prefix}_", PREFIX)
    for rule in alerts():
        yield rule["alert"], rule["expr"]


def log_queries():
    for panel in dashboard_panels("loki"):
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    yield "Zipkin", data_sources()["zipkin"]["jsonData"]["tracesToLogsV2"]["query"]


def alerts():
    groups = read_yaml("deploy/prometheus/alerts.yml")["groups"]
    return [rule for group in groups for rule in group["rules"]]


def data_sources() -> dict:
    """By uid."""
    page = read_yaml("deploy/grafana/provisioning/datasources/datasources.yaml")
    return {source["uid"]: source for source in page["datasources"]}


def services() -> dict:
    return {name: service for name, service in read_yaml("docker-compose.yaml")["services"].items()
            if PROFILE in service.get("profiles", [])}


class QueriesTest(unittest.TestCase):
    def test_the_reader_of_queries_finds_names_and_labels(self):
        names, labels = names_and_labels(
            'sum by (le, a) (rate(x_sum{b="y", c!~"z|by (w)"}[5m])) / on (d) up and time() > 2e3')

        self.assertEqual(names, ["x_sum", "up"])
        self.assertEqual(labels, {"le", "a", "b", "c", "d"})

    def test_queries_name_series_and_labels_that_exist(self):
        known = documented_series()
        for where, query in metric_queries():
            names, labels = names_and_labels(query)
            self.assertTrue(names, f"{where}: {query}")
            allowed = set(BUILT_IN_LABELS)
            for name in names:
                plain = name[len(PREFIX):] if name.startswith(PREFIX) else name
                base = re.sub(r"_(bucket|sum|count)$", "", plain)
                found = [each for each in (plain, base) if each in known]
                self.assertTrue(found or name in BUILT_IN,
                                f"{where}: docs/metrics.md has no {plain}: {query}")
                allowed |= known[found[0]] if found else BUILT_IN[name]
            self.assertLessEqual(labels, allowed, f"{where}: {query}")

    def test_series_of_the_server_carry_the_prefix(self):
        for where, query in metric_queries():
            for name in names_and_labels(query)[0]:
                self.assertTrue(name in BUILT_IN or name.startswith(("grpc_server_", PREFIX)),
                                f"{where}: {name}")

    def test_log_queries_select_by_the_labels_that_the_server_sends(self):
        for where, query in log_queries():
            selector = re.match(r"\{([^}]*)\}", query)
            self.assertIsNotNone(selector, f"{where}: {query}")
            labels = set(re.findall(r"(\w+)\s*[=!]", selector.group(1)))
            self.assertEqual(labels, LOKI_LABELS, f"{where}: {query}")


class AlertsTest(unittest.TestCase):
    def test_each_says_how_bad_it_is_and_what_to_do(self):
        for rule in alerts():
            self.assertIn(rule["labels"]["severity"], SEVERITIES, rule["alert"])
            self.assertEqual(set(rule["annotations"]), {"summary", "description"}, rule["alert"])

    def test_each_is_made_to_fire_by_a_test(self):
        tested = read("deploy/prometheus/alerts_test.yml")
        for rule in alerts():
            labels = f'{{alertname="{rule["alert"]}", severity="{rule["labels"]["severity"]}"}}'
            self.assertIn(labels, tested)


class GrafanaTest(unittest.TestCase):
    def test_panels_ask_data_sources_that_exist(self):
        kinds = {uid: source["type"] for uid, source in data_sources().items()}
        asked = [panel["datasource"] for kind in ("prometheus", "loki")
                 for panel in dashboard_panels(kind)]
        asked += [target["datasource"] for kind in ("prometheus", "loki")
                  for panel in dashboard_panels(kind) for target in panel["targets"]]
        self.assertGreater(len(asked), 50)
        for source in asked:
            self.assertEqual(kinds.get(source["uid"]), source["type"], source)

    def test_panels_have_their_own_ids_and_places(self):
        panels = json.loads(read("deploy/grafana/dashboards/matchfunction.json"))["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        taken = set()
        for panel in panels:
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"])
                     for y in range(at["y"], at["y"] + at["h"])}
            self.assertFalse(cells & taken, panel["title"])
            self.assertLessEqual(at["x"] + at["w"], 24, panel["title"])
            taken |= cells

    def test_variables_are_defined_and_have_the_defaults_of_the_server(self):
        text = read("deploy/grafana/dashboards/matchfunction.json")
        defined = {each["name"]: each["query"] for each in json.loads(text)["templating"]["list"]}
        used = set(re.findall(r"\$\{?(\w+)", text)) - {"__rate_interval"}
        self.assertEqual(used, set(defined))
        app_name = re.search(r"^APP_NAME=(.*)$", read(".env.template"), re.M).group(1)
        self.assertEqual(defined, {"prefix": PREFIX.rstrip("_"), "service": app_name})

    def test_data_sources_lead_to_the_services_of_the_profile(self):
        for source in data_sources().values():
            name, port = re.fullmatch(r"http://(\w+):(\d+)", source["url"]).groups()
            self.assertIn(name, services())
            self.assertTrue(any(str(ports).endswith(":" + port)
                                for ports in services()[name]["ports"]), source["url"])

    def test_a_trace_leads_back_to_its_log_lines(self):
        link = data_sources()["zipkin"]["jsonData"]["tracesToLogsV2"]

        self.assertEqual(data_sources()[link["datasourceUid"]]["type"], "loki")
        self.assertTrue(link["customQuery"])
        # Grafana makes one dollar of two.
        self.assertRegex(link["query"], r'\|= "\$\$\{__trace\.traceId\}"$')


class LogLineTest(unittest.TestCase):
    bin = ""

    @classmethod
    def setUpClass(cls):
        environment = dict(os.environ, PLUGIN_GRPC_SERVER_AUTH_ENABLED="false", LOG_LEVEL="info",
                           ENABLE_LOKI="false", ENABLE_ZIPKIN="false")
        with tempfile.TemporaryDirectory() as folder:
            log = os.path.join(folder, "server.log")
            subprocess.run(["bash", "-c", ONE_CALL, "one-call", cls.bin, log], cwd=ROOT, check=True,
                           env=environment, timeout=100)
            with open(log, encoding="utf-8") as file:
                lines = file.read().splitlines()
        cls.line = next((line for line in lines if json.loads(line)["msg"] == "call ended"), None)

    def setUp(self):
        self.assertIsNotNone(self.line, "the server has logged no `call ended`")

    def test_a_line_of_the_server_leads_to_its_trace(self):
        field, = data_sources()["loki"]["jsonData"]["derivedFields"]
        pattern = re.compile(field["matcherRegex"])

        self.assertEqual(pattern.groups, 1)
        found = pattern.search(self.line)
        self.assertIsNotNone(found, self.line)
        self.assertEqual(found.group(1), json.loads(self.line)["trace_id"])
        self.assertRegex(found.group(1), "^[0-9a-f]{32}$")
        self.assertEqual(data_sources()[field["datasourceUid"]]["type"], "zipkin")
        self.assertEqual(field["url"], "$${__value.raw}")

    def test_the_dashboard_finds_it(self):
        queries = [query for _, query in log_queries()]
        wanted = re.findall(r"\|= `([^`]*)`", "\n".join(queries))
        self.assertTrue(wanted)
        for text in wanted:
            self.assertIn(text, self.line)


class ComposeTest(unittest.TestCase):
    def test_the_profile_brings_four_services_of_fixed_versions(self):
        self.assertEqual(set(services()), {"prometheus", "loki", "zipkin", "grafana"})
        for name, service in services().items():
            self.assertRegex(service["image"], r"^[a-z/]+:v?[0-9]+\.[0-9]+\.[0-9]+$", name)

    def test_they_listen_on_this_machine_only(self):
        for service in services().values():
            for port in service["ports"]:
                self.assertTrue(port.startswith("${OBSERVABILITY_ADDR:-127.0.0.1}:"), port)
        self.assertIn("${GRAFANA_PORT:-3001}:3000", services()["grafana"]["ports"][0])

    def test_what_they_mount_exists_and_is_read_only(self):
        for service in services().values():
            for mount in service.get("volumes", []):
                source, _, mode = mount.split(":")
                self.assertTrue(os.path.exists(os.path.join(ROOT, source)), mount)
                self.assertEqual(mode, "ro", mount)

    def test_prometheus_scrapes_the_match_function(self):
        job, = read_yaml("deploy/prometheus/prometheus.yml")["scrape_configs"]
        self.assertEqual(job["static_configs"], [{"targets": ["matchfunction:8080"]}])
        environment = read_yaml("docker-compose.yaml")["services"]["matchfunction"]["environment"]
        self.assertIn("PROMETHEUS_PORT=8080", environment)
        path = re.search(r"^PROMETHEUS_ENDPOINT=(.*)$", read(".env.template"), re.M).group(1)
        self.assertEqual(job["metrics_path"], path)

    def test_docker_compose_takes_the_file_with_the_profile(self):
        for tool in (["docker", "compose"], ["docker-compose"]):
            if shutil.which(tool[0]) and subprocess.run([*tool, "version"], capture_output=True,
                                                        check=False).returncode == 0:
                with tempfile.NamedTemporaryFile() as empty:
                    subprocess.run([*tool, "--env-file", empty.name, "--profile", PROFILE,
                                    "config", "-q"], cwd=ROOT, check=True)
                return
        if os.environ.get("CI") == "true":
            self.fail("docker-compose is missing")
        self.skipTest("docker-compose is missing: make setup-e2e installs it")


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    LogLineTest.bin = os.path.abspath(sys.argv.pop())
    return 0 if unittest.main(exit=False, verbosity=2).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
