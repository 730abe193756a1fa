"""How people decide: what is overturned, and figures in which tiredness would show."""

import msgspec

from components.actions import Answer
from components.advisor.deciding import DecisionTally, SeenDecision
from components.advisor.report import DecisionFigures, OperatorFigures
from tests.advisor.period import DAY, NOON, answer, decision

_pack = msgspec.msgpack.Encoder().encode
_read = msgspec.msgpack.Decoder(SeenDecision).decode


def tally(*decisions: object) -> DecisionFigures:
    counted = DecisionTally(NOON - DAY, NOON + DAY, 3600)
    for one in decisions:
        counted.add(_read(_pack(one)))
    return counted.figures()


def person(*answers: Answer) -> OperatorFigures:
    figures = tally(*(decision("d", 0, "allowed", answers=(one,)) for one in answers))
    return figures.operators[0]


def test_overturned_is_what_the_engine_had_seen_otherwise() -> None:
    approve, reject, modify = (answer(5, kind) for kind in ("approve", "reject", "modify"))
    figures = tally(
        decision("a", 0, "allowed", answers=(approve,)),
        decision("b", 0, "allowed", answers=(approve,), ethics=0.59),
        decision("c", 0, "allowed", answers=(modify,), modified="x", ethics=0.2),
        decision("d", 0, "denied", answers=(reject,)),
        decision("e", 0, "denied", answers=(reject,), reasons=()),
        decision("f", 0, "denied", answers=(reject,), reasons=(), ethics=0.1),
        decision("g", 0, "expired", answers=(modify,), modified="x"),
    )
    assert (figures.against_ethics, figures.without_finding, figures.overturned) == (2, 1, 3)
    assert figures.modified == 1


def test_hasty_approvals_count_in_rows_of_three() -> None:
    quick = [answer(number, looked_s=1) for number in range(3)]
    again = [answer(100 + number, looked_s=1.9) for number in range(2)]
    seen = person(*quick, answer(50, looked_s=2), *again)
    assert (seen.hasty, seen.longest_run) == (3, 3)
    assert seen.hasty_share == 0.5
    seen = person(*quick[:2], answer(2, "reject", looked_s=1), *again)
    assert (seen.hasty, seen.longest_run) == (0, 0)


def test_what_was_never_shown_is_not_hasty() -> None:
    unknown = [msgspec.structs.replace(answer(number), shown_at=0) for number in range(5)]
    seen = person(*unknown)
    assert (seen.hasty, seen.looked_p50_us, seen.early_looked_us) == (0, None, None)


def test_a_shift_drifts_when_more_is_approved_in_less_time() -> None:
    careful = [answer(60 * n, "reject" if n % 2 else "approve", looked_s=20) for n in range(10)]
    quick = [answer(600 + 60 * n, looked_s=5) for n in range(10)]
    seen = person(*careful, *quick)
    assert (seen.shifts, seen.drifting) == (1, 1)
    assert (seen.early_approved, seen.late_approved) == (0.5, 1.0)
    assert (seen.early_looked_us, seen.late_looked_us) == (20e6, 5e6)
    assert person(*careful, *careful[1:]).drifting == 0
    as_slow = [answer(600 + 60 * n, looked_s=16) for n in range(10)]
    assert person(*careful, *as_slow).drifting == 0


def test_a_pause_of_half_an_hour_ends_a_shift() -> None:
    first = [answer(60 * n) for n in range(20)]
    second = [answer(19 * 60 + 1800 + 60 * n) for n in range(20)]
    assert person(*first, *second).shifts == 2
    assert person(*first, *second[:19]).shifts == 1
    nearer = [answer(19 * 60 + 1799 + 60 * n) for n in range(20)]
    assert person(*first, *nearer).shifts == 1


def test_answers_beyond_the_bound_are_counted_but_not_kept(monkeypatch) -> None:
    monkeypatch.setattr("components.advisor.deciding.MOST_ANSWERS", 4)
    figures = tally(
        *(decision("d", 0, "allowed", answers=(answer(n, looked_s=1),)) for n in range(6))
    )
    assert figures.answers_left_out == 2
    assert (figures.operators[0].answers, figures.operators[0].hasty) == (6, 4)


def test_a_clock_set_back_makes_no_negative_time() -> None:
    figures = tally(decision("d", 0, "allowed", answers=(answer(-30, looked_s=-5),)))
    assert figures.waited_longest_us == 0
    assert figures.operators[0].looked_p50_us == 0
