from app.node.hearing import CONDITION, Hearing
from components.gate import Event, Noted

EVENT = Noted("agent.paused", "ada", "crawler", "")


def test_who_fails_to_hear_keeps_nobody_else_from_it():
    heard: list[Event] = []
    reported: list[tuple[str, str]] = []

    def broken(event: Event) -> None:
        raise LookupError("no such row")

    hearing = Hearing(lambda name, text: reported.append((name, text)))
    hearing.add(broken, heard.append)
    hearing.tell(EVENT)
    hearing.tell(EVENT)
    assert heard == [EVENT, EVENT]
    assert {name for name, _ in reported} == {CONDITION}
    assert all("no such row" in text for _, text in reported)
