"""The alert rules for Prometheus: whole, tested for what fires them and what does not."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.metrics.prometheus import RULES
from tests.support import SHARED

TESTS = RULES.with_name("assent.rules.test.yml")


def check(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd=RULES.parent)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_are_whole(promtool: str) -> None:
    check(promtool, "check", "rules", "--lint-fatal", RULES.name)


def test_the_example_is_whole(promtool: str) -> None:
    check(promtool, "check", "config", "--lint-fatal", "prometheus.yml")


def test_the_rules_fire_when_they_should_and_only_then(promtool: str) -> None:
    check(promtool, "test", "rules", TESTS.name)


def test_every_alert_is_tested_for_firing_and_for_quiet() -> None:
    alerts = re.findall(r"- alert: (\w+)", RULES.read_text())
    assert alerts
    told = TESTS.read_text()
    for alert in alerts:
        cases = re.findall(rf"alertname: {alert}\n( +exp_alerts:)?", told)
        assert any(cases), f"{alert} is never seen to fire"
        # Errors have their quiet series beside those that fire.
        assert not all(cases) or alert == "AssentErrors", f"{alert} is never seen quiet"


def test_every_alert_says_how_grave_it_is_and_what_it_means() -> None:
    for alert in re.split(r"- alert: ", RULES.read_text())[1:]:
        assert re.search(r"severity: (critical|high|medium|low)\n", alert)
        assert "summary: " in alert
        assert "description: " in alert


def test_a_rule_changed_for_the_worse_is_found(promtool: str, tmp_path: Path) -> None:
    """The tests of the rules test something: with other limits they fail."""
    tmp_path.joinpath(TESTS.name).write_text(TESTS.read_text())
    whole = RULES.read_text()
    for right, wrong in (
        ("2 * assent_baseline", "6 * assent_baseline"),
        (">= 300", ">= 3"),
        ("0.8 * assent", "0.1 * assent"),
        ("1.5 * assent_baseline", "0 * assent_baseline"),
        ("> 0.001", "> 0.003"),
        ("> 0.001", "> 0.0004"),
        (">= 5\n", ">= 2\n"),
        (") > 0.8", ") > 0.95"),
        ("overdue > 0", "overdue > 2"),
        ("frozen == 1", "frozen == 0"),
        ("silent_seconds > 3", "silent_seconds > 30"),
        ("down == 1", "down == 0"),
        ("512 * 1024 * 1024", "1024 * 1024 * 1024"),
        (" or absent(up", " or (up"),
    ):
        assert right in whole
        tmp_path.joinpath(RULES.name).write_text(whole.replace(right, wrong))
        command = [promtool, "test", "rules", TESTS.name]
        assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode, wrong


def test_the_limits_are_those_that_were_set() -> None:
    targets = SHARED / "targets.toml"
    if not targets.exists():
        pytest.skip("../shared is not here")
    limits = tomllib.loads(targets.read_text())["alert"]
    rules = RULES.read_text()
    assert f"{limits['p99_over_baseline']:g} * assent_baseline_seconds" in rules
    assert f"{limits['throughput_under_baseline']:g} * assent_baseline_calls_per_second" in rules
    assert f"> {limits['error_rate']:g}\n" in rules
    assert f") > {limits['resource_used']:g}\n" in rules
