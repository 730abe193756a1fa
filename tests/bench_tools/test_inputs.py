import pytest

from bench import inputs
from components.intent_firewall import Firewall, PackHead, RulePack


@pytest.fixture
def nothing_recorded(monkeypatch):
    monkeypatch.setattr(inputs, "rows", lambda _: [])
    for made in (inputs.actions, inputs.outputs):
        made.cache_clear()
    yield
    for made in (inputs.actions, inputs.outputs):
        made.cache_clear()


@pytest.mark.usefixtures("nothing_recorded")
def test_without_recorded_rows_inputs_are_made():
    assert len(set(map(str, inputs.actions()))) == 600
    assert any(one.context for one in inputs.actions())
    assert all(evidence for _, evidence in inputs.outputs())
    assert "no recorded ones" in inputs.origin()


def test_each_text_has_one_rule_that_holds():
    rules = inputs.rare_rules(50)
    firewall = Firewall([RulePack(pack=PackHead("bench"), rules=tuple(rules))])
    texts = inputs.unseen_texts(rules, 20)
    assert len(set(texts)) == 20
    assert max(map(len, texts)) <= inputs.TEXT_LENGTH
    for text in texts:
        action = inputs.Action(tool="note", arguments={"text": text})
        assert len(firewall.validate(action).reasons) == 1


def test_experiences_are_the_same_each_time():
    assert inputs.experiences(100) == inputs.experiences(100)
    assert {one.verdict for one in inputs.experiences(1_000)} == {"allow", "deny"}
