"""Markdown, HTML, JSON and the console's lines say the same, and obey nobody's text."""

import json
import re
import unicodedata
from html.parser import HTMLParser

import pytest

from app.report.as_json import as_json
from app.report.charts import Scale, even_scale, log_scale
from app.report.html import html
from app.report.markdown import markdown
from app.report.screen import screen
from app.report.tables import gauge
from tests.advisor.made import HOSTILE, a_report

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """Elements of a page; fails where they are not nested well."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def invisible(text: str) -> set[str]:
    return {one for one in text if unicodedata.category(one) in {"Cc", "Cf"}} - {"\n"}


def test_markdown_has_every_part_in_aligned_tables() -> None:
    text = markdown(a_report())
    heads = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert heads == [
        "Summary", "Operations", "Against the period before", "Alerts", "Decisions", "People",
        "Agents", "Resources", "Audit log", "Recommendations",
    ]  # fmt: skip
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        rows = block.splitlines()
        assert {row.count("|") for row in rows} == {rows[0].count("|")}
        assert len({len(row) for row in rows}) == 1
    assert re.search(r"\| gate.verdict +\| +2,000 \| .*✓ met ×0.45", text)
    assert re.search(r"love_engine.check_ethics .*✗ missed ×25", text)
    assert re.search(r"audit_system.log_action .*~ acceptable ×1.8", text)
    assert "1. love_engine.check_ethics: cache more" in text
    assert "measured when tried here: 2.9 times as good" in text
    assert "performance.cache 100 → 1,000" in text


def test_where_nothing_is_needed_it_says_so() -> None:
    calm = a_report(recommended=False)
    assert "Nothing needs to be done." in markdown(calm)
    assert "Nothing needs to be done." in html(calm)
    assert ("Nothing needs to be done.", "ok") in screen(calm).lines


def test_html_is_one_page_that_fetches_nothing() -> None:
    text = html(a_report())
    page = Page(text)
    assert "http:" not in text
    assert "https:" not in text
    assert "//" not in text
    tags = {tag for tag, _ in page.seen}
    assert not tags & {"script", "link", "img", "iframe", "a", "object"}
    outward = {"src", "href", "xlink:href", "action", "style", "onload"}
    assert not any(outward & attributes.keys() for _, attributes in page.seen)
    (policy,) = (
        attributes["content"]
        for tag, attributes in page.seen
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.startswith("default-src 'none'")


def test_pictures_are_told_to_those_who_do_not_see_them() -> None:
    page = Page(html(a_report()))
    pictures = [attributes for tag, attributes in page.seen if tag == "svg"]
    assert len(pictures) == 5
    named = {attributes.get("id") for _, attributes in page.seen} - {None}
    for picture in pictures:
        assert picture["role"] == "img"
        assert set((picture["aria-labelledby"] or "").split()) <= named
    ids = [attributes["id"] for _, attributes in page.seen if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_a_gap_breaks_the_line_and_alerts_are_shaded() -> None:
    page = Page(html(a_report()))
    paths = [attributes for tag, attributes in page.seen if tag == "path"]
    (p50, *_) = (path["d"] for path in paths if path.get("class") == "line p50")
    assert p50 is not None
    assert p50.count("M") == 2
    assert sum(attributes.get("class", "").startswith("area") for _, attributes in page.seen) == 1


def test_nobodys_text_is_obeyed() -> None:
    report = a_report(HOSTILE)
    page = html(report)
    assert "<script" not in page
    assert not invisible(page)
    assert "\\u{202e}" in Page(page).text
    text = markdown(report)
    assert not invisible(text)
    assert "\n# h" not in text
    assert not re.search(r"(?<!\\)<script", text)
    assert not re.search(r"(?<!\\)\[x\]|(?<!\\)\]\(", text)
    rows = [line for line in text.splitlines() if line.startswith("|") and "alert" in line]
    assert rows
    assert all(line.endswith("|") for line in rows)
    view = screen(report)
    assert not any(invisible(line) or "\n" in line for line, _ in view.lines)
    assert not invisible(view.title)


def test_json_keeps_names_as_they_are_and_no_terminal_obeys_it() -> None:
    text = as_json(a_report(HOSTILE))
    assert text.isascii()
    assert not invisible(text)
    data = json.loads(text)
    assert data["ok"] is True
    assert data["version"] == 1
    assert data["decisions"]["operators"][0]["name"] == HOSTILE
    assert set(data) >= {
        "kind", "node", "since", "until", "made_at", "covered_s", "baseline", "summary", "facts",
        "operations", "alerts", "actions", "decisions", "resources", "audit", "recommendations",
        "trends", "gauges",
    }  # fmt: skip
    (gate,) = (one for one in data["operations"] if one["operation"] == "gate.verdict")
    assert gate["status"] == "met"
    assert gate["p95_change"]["verdict"] == "slower"


def test_the_console_marks_what_is_missed() -> None:
    inks = {line.split(" ")[0]: ink for line, ink in screen(a_report()).lines if "×" in line}
    assert inks["gate.verdict"] == "ok"
    assert inks["audit_system.log_action"] == "warn"
    assert inks["love_engine.check_ethics"] == "bad"


@pytest.mark.parametrize("values", [[], [0.0], [5.0], [1.0, 1.0], [0.3, 1e9], [-2.0, 3.0]])
def test_scales_hold_whatever_comes(values: list[float]) -> None:
    for make in (even_scale, log_scale):
        scale: Scale = make(values, 100, 0)
        assert scale.low < scale.high
        assert 1 <= len(scale.ticks()) <= 12
        assert all(0 <= scale.at(value) <= 100 for value in [*values, -1.0, 1e12])


def test_a_gauge_is_told_in_the_unit_that_its_name_ends_in() -> None:
    told = {
        "process.write_mb_s": "3.2 MB/s",
        "process.rss_mb": "3.2 MB",
        "node.uptime_s": "3.2 s",
        "resource.cpu": "320%",
    }
    assert {name: gauge(name, 3.2) for name in told} == told
