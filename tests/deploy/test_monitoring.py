"""Alerts and dashboards: every rule fires when it must, nothing is drawn of figures that nobody measures."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import promql_parser
import pytest
import yaml
from lotse_shared import metrics
from prometheus_client import REGISTRY

ROOT = Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
RULES = [rule for group in yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
DASHBOARDS = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
OURS = {family.name for family in REGISTRY.collect() if family.name.startswith("lotse_")}
BY_OTHERS = {"up", "process_start_time_seconds", "process_resident_memory_bytes", "process_cpu_seconds"}
"""Prometheus itself, and what its client library tells of every process."""

FLIPPED = {">": "<=", "==": "!="}


@pytest.fixture(scope="session")
def promtool():
    """Prometheus' own checker, where this machine has it."""
    found = shutil.which("promtool")
    if not found:
        pytest.skip("not run: promtool is not installed (Debian: apt-get install prometheus)")

    def run(*arguments: str, folder: Path = PROMETHEUS) -> subprocess.CompletedProcess:
        return subprocess.run([found, *arguments], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - found above

    return run


def selected(expression: str) -> set[str]:
    """The metrics an expression asks for, without the suffixes of their kinds."""

    def names(node) -> set[str]:
        found = {node.name} if isinstance(node, promql_parser.VectorSelector) and node.name else set()
        for part in ("expr", "lhs", "rhs", "vector_selector", "vs", "param"):
            inner = getattr(node, part, None)
            found |= names(inner) if inner is not None else set()
        for argument in getattr(node, "args", None) or ():
            found |= names(argument)
        return found

    return {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in names(promql_parser.parse(expression))}


def test_the_check_of_names_sees_every_selector():
    """A check that finds nothing would always be content: this one looks into calls, sums and both sides."""
    asked = selected('sum by (a) (rate(one_total[5m])) / sum(two_bucket{b="c"}) or absent(three)')
    assert asked == {"one", "two", "three"}
    assert metrics.OUTBOX_AGE._name in OURS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_what_is_measured_and_has_a_runbook(rule):
    """Its metrics exist, its runbook exists and says symptom, impact, check, fix and verify, somebody owns it."""
    assert selected(rule["expr"]) <= OURS | BY_OTHERS
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["labels"]["owner"]
    assert rule["annotations"]["summary"]
    page = (ROOT / rule["annotations"]["runbook_url"]).read_text()
    assert page.startswith(f"# {rule['alert']}\n")
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == ["Symptom", "Impact", "Check", "Fix", "Verify"]
    for link in re.findall(r"\]\(([^)]+)\)", page):
        assert (ROOT / "docs" / "runbooks" / link).is_file(), link


def test_every_runbook_belongs_to_an_alert():
    """No page of an alert that is gone; what a human begins with is in small letters and has the same parts."""
    pages = {page.stem: page.read_text() for page in (ROOT / "docs" / "runbooks").glob("*.md")}
    assert {name for name in pages if not name.islower()} == {rule["alert"] for rule in RULES}
    for text in pages.values():
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Symptom", "Impact", "Check", "Fix", "Verify"]


def test_every_alert_has_a_test_that_fires_and_one_that_does_not():
    """Both sides of every rule are tried."""
    tests = yaml.safe_load((PROMETHEUS / "alerts_test.yml").read_text())["tests"]
    cases = {(case["alertname"], bool(case["exp_alerts"])) for test in tests for case in test["alert_rule_test"]}
    assert cases == {(rule["alert"], fires) for rule in RULES for fires in (True, False)}


def test_prometheus_accepts_its_files(promtool):
    """Configuration, rules and the tests of the rules."""
    for arguments in (("check", "config", "prometheus.yml"), ("test", "rules", "alerts_test.yml")):
        done = promtool(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_wrong_threshold_or_comparison_is_noticed(rule, promtool, tmp_path):
    """A rule with ten times its threshold, or with its comparison turned round, fails the tests of the rules."""
    comparison = re.search(r" (>|==) ([\d.]+)$", rule["expr"])
    if comparison is None:
        assert rule["expr"].startswith("absent"), "a rule without a threshold"
        return
    sign, threshold = comparison.groups()
    tests = yaml.safe_load((PROMETHEUS / "alerts_test.yml").read_text())
    tests["tests"] = [one for one in tests["tests"] if one["alert_rule_test"][0]["alertname"] == rule["alert"]]
    (tmp_path / "alerts_test.yml").write_text(yaml.safe_dump(tests))
    text = (PROMETHEUS / "alerts.yml").read_text()
    before = rule["expr"].splitlines()[-1]
    changes = [before.removesuffix(comparison.group()) + f" {FLIPPED[sign]} {threshold}"]
    if float(threshold) > 0:
        changes.append(before.removesuffix(comparison.group()) + f" {sign} {float(threshold) * 10}")
    for changed in changes:
        assert text.count(before) == 1
        (tmp_path / "alerts.yml").write_text(text.replace(before, changed))
        assert promtool("test", "rules", "alerts_test.yml", folder=tmp_path).returncode != 0, changed


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_draws_what_is_measured(path):
    """Every expression is PromQL over metrics that exist; every panel says what it means; every id is used once."""
    panels = json.loads(path.read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        assert panel["description"], panel["title"]
        for target in panel["targets"]:
            assert selected(target["expr"]) <= OURS | BY_OTHERS, target["expr"]


def test_every_metric_is_on_a_dashboard():
    """What is measured can be seen."""
    drawn = {
        name
        for path in DASHBOARDS
        for panel in json.loads(path.read_text())["panels"]
        for target in panel["targets"]
        for name in selected(target["expr"])
    }
    assert drawn >= OURS
