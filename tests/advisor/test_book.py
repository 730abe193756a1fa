"""What was answered stays answered until the evidence is another."""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from components.advisor.book import Kept, RecommendationBook, changed, read_kept, unanswered
from components.advisor.causes import Cause
from components.clock import ManualClock
from storage import Store, StoreFrozen, open_store
from tests.advisor.advising import setting_of
from tests.support import PATIENCE_S

MADE = setting_of("largest_batch", 1.0, 256.0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    yield opened
    opened.close()


def book(store: Store) -> RecommendationBook:
    with closing(store.reader()) as reader:
        return RecommendationBook(store.writer, ManualClock(), reader)


def done(future: "Future[None]") -> None:
    future.result(PATIENCE_S)


def test_what_is_listed_can_be_found_again_after_a_restart(store: Store) -> None:
    assert book(store).listed([MADE]) == (MADE,)
    store.writer.run(lambda _: None)
    kept = book(store).get(MADE.id)
    assert kept is not None
    assert (kept.state, kept.recommendation) == ("open", MADE)


def test_a_dismissed_one_does_not_come_back(store: Store) -> None:
    first = book(store)
    first.listed([MADE])
    done(first.mark(MADE.id, "dismissed", by="ada", why="not here"))
    again = book(store)
    assert again.listed([MADE]) == ()
    kept = again.get(MADE.id)
    assert kept is not None
    assert (kept.by, kept.why) == ("ada", "not here")
    with closing(store.reader()) as reader:
        assert unanswered([MADE], read_kept(reader)) == ()


@pytest.mark.parametrize(
    "other",
    [
        replace(MADE, factor=MADE.factor * 1.6),
        replace(MADE, measured=3.0),
        replace(MADE, setting=setting_of("largest_batch", 1.0, 4096.0).setting),
        replace(MADE, causes=(Cause("the disk is busy", "95%", 0.95, "resource.disk_io"),)),
    ],
    ids=["worse", "gains more", "another value", "another cause"],
)
def test_it_comes_back_when_the_evidence_is_another(store: Store, other: object) -> None:
    kept = book(store)
    kept.listed([MADE])
    done(kept.mark(MADE.id, "dismissed"))
    assert kept.listed([other]) == (other,)  # type: ignore[list-item]
    found = kept.get(MADE.id)
    assert found is not None
    assert found.state == "open"


def test_figures_that_differ_a_little_are_the_same_evidence() -> None:
    assert not changed(MADE, replace(MADE, factor=MADE.factor * 1.2, measured=2.2))
    assert not changed(MADE, replace(MADE, status="acceptable", factor=1.5))
    assert changed(replace(MADE, status="acceptable"), MADE)


def test_what_waits_for_a_decision_is_not_offered_again() -> None:
    worse = replace(MADE, factor=MADE.factor * 10)
    kept = {MADE.id: Kept(recommendation=MADE, state="accepted", time=1)}
    assert unanswered([worse], kept) == ()


def test_accepted_ones_are_known_after_a_restart(store: Store) -> None:
    first = book(store)
    first.listed([MADE])
    done(first.mark(MADE.id, "accepted", by="ada", request_id="r1"))
    (kept,) = book(store).accepted()
    assert (kept.request_id, kept.by) == ("r1", "ada")


def test_what_could_not_be_stored_did_not_happen(store: Store) -> None:
    kept = book(store)
    kept.listed([MADE])
    store.writer.run(lambda _: None)
    store.writer.freeze("the disk is gone")
    with pytest.raises(StoreFrozen):
        done(kept.mark(MADE.id, "dismissed"))
    found = kept.get(MADE.id)
    assert found is not None
    assert found.state == "open"


def test_an_unknown_one_cannot_be_marked(store: Store) -> None:
    with pytest.raises(KeyError):
        book(store).mark("nothing", "dismissed")


def test_a_row_that_is_damaged_is_left_out(store: Store) -> None:
    store.writer.run(
        lambda tx: tx.execute("INSERT INTO recommendations VALUES ('x', 'open', 1, x'00')")
    )
    assert book(store).get("x") is None
