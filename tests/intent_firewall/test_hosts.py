"""Hosts: of URLs and of bare addresses, and what is odd about them."""

import pytest

from components.actions import Action
from components.intent_firewall.http_use import http_intent
from components.intent_firewall.subject import take_apart


@pytest.mark.parametrize(
    ("url", "host", "kinds"),
    [
        ("https://example.com/a", "example.com", ()),
        ("http://10.0.0.1/", "10.0.0.1", ("ip", "private")),
        ("http://169.254.169.254/latest", "169.254.169.254", ("ip", "private", "metadata")),
        ("169.254.169.254/latest", "169.254.169.254", ("ip", "private", "metadata")),
        ("localhost:8080/x", "localhost", ("private",)),
        ("http://2130706433/", "2130706433", ("odd",)),
        ("http://0x7f.1/", "0x7f.1", ("odd",)),
        ("http://0177.0.0.1/", "0177.0.0.1", ("odd",)),
        ("http://127-0-0-1.nip.io/", "127-0-0-1.nip.io", ("ip", "private")),
        ("http://me@example.com/", "example.com", ("odd",)),
        ("https://bit.ly/3AbCdEf", "bit.ly", ("shortener",)),
        ("tinyurl.com/3AbCdEf", "tinyurl.com", ("shortener",)),
    ],
)
def test_hosts(url: str, host: str, kinds: tuple[str, ...]) -> None:
    found = take_apart(Action(tool="open_page", arguments={"url": url}), "").hosts
    assert [(one.host, one.kinds) for one in found] == [(host, kinds)]


@pytest.mark.parametrize("value", ["the red house", "", "x" * 5000, "a b.example.com", "http"])
def test_other_values_name_no_host(value: str) -> None:
    assert take_apart(Action(tool="open_page", arguments={"url": value}), "").hosts == ()


def test_a_bare_host_counts_only_where_one_is_asked_for() -> None:
    assert take_apart(Action(tool="save_note", arguments={"text": "localhost:80"}), "").hosts == ()


@pytest.mark.parametrize(
    ("method", "text", "intent"),
    [
        ("GET", "", "read"),
        ("post", "{}", "send"),
        ("DELETE", "", "delete"),
        ("POST", "mutation { setName(id: 1) { id } }", "write"),
        ("POST", '{"query": "mutation M($a: Int) { deleteUser(id: $a) { id } }"}', "delete"),
        ("POST", "query { mutation }", "send"),
        ("POST", "what a mutation {", "send"),
        ("BREW", "", None),
        (None, "", None),
    ],
)
def test_what_a_request_does(method: str | None, text: str, intent: str | None) -> None:
    assert http_intent(method, [text]) == intent
