"""A real Prometheus on a free loopback port, and its answers."""

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from tests.support import PATIENCE_S, until

SCRAPE = """\
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
scrape_configs:
  - job_name: assent
    static_configs: [{{targets: ["{target}"]}}]
"""
HOUSE = Path(__file__).parents[2]
RULES = HOUSE / "monitoring" / "prometheus" / "assent.rules.yml"


class Prometheus:
    """Made idle; `scrape` starts it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._url = ""

    def scrape(self, target: str) -> None:
        """Start, and scrape an address once a second; returns when that has answered."""
        self._folder.mkdir()
        config = self._folder / "prometheus.yml"
        config.write_text(SCRAPE.format(rules=json.dumps(str(RULES)), target=target))
        log = (self._folder / "log").open("wb")
        # Prometheus takes port 0, and logs which one that came to.
        self._process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={config}",
                f"--storage.tsdb.path={self._folder / 'data'}",
                "--web.listen-address=127.0.0.1:0",
                "--log.format=json",
            ],
            stdout=log,
            stderr=log,
            cwd=self._folder,
        )
        log.close()
        self._url = f"http://{until(self._address, 'Prometheus listening')}"
        until(self._ready, "Prometheus ready")
        until(lambda: self.query('up{job="assent"} == 1'), "a first scrape")

    def query(self, expr: str) -> list[dict[str, Any]]:
        """What an expression amounts to now; raises `AssertionError` for what is refused."""
        return self._get("query", query=expr)["result"]

    def series(self, selector: str) -> list[dict[str, str]]:
        """Series that there are of a selector."""
        return self._get("series", **{"match[]": selector})

    def rules(self) -> list[dict[str, Any]]:
        """All rules, with how their last evaluation went."""
        return [rule for group in self._get("rules")["groups"] for rule in group["rules"]]

    def stop(self) -> None:
        """End it."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def _address(self) -> str:
        assert self._process
        log = (self._folder / "log").read_text()
        assert self._process.poll() is None, log
        for line in log.splitlines():
            told = json.loads(line) if line.endswith("}") else {}
            address = str(told.get("address", ":0")) if told.get("component") == "web" else ":0"
            if not address.endswith(":0"):
                return address
        return ""

    def _ready(self) -> bool:
        try:
            urllib.request.urlopen(f"{self._url}/-/ready", timeout=PATIENCE_S).close()
        except urllib.error.HTTPError as error:
            error.close()
            return False
        return True

    def _get(self, what: str, **parameters: str) -> Any:
        url = f"{self._url}/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE_S) as reply:
                answer = json.load(reply)
        except urllib.error.HTTPError as error:
            answer = json.loads(error.read() or b"{}")
            error.close()
        assert answer.get("status") == "success", f"{parameters}: {answer}"
        assert not answer.get("warnings"), f"{parameters}: {answer}"
        return answer["data"]
