"""An operator at the desk dismisses a recommendation: it is kept with their name and their word."""

from pathlib import Path

import pytest

from app.desk import DeskError
from tests.advisor.advising import setting_of
from tests.support import PATIENCE_S, running_node


def test_a_recommendation_is_dismissed_by_name(tmp_path: Path) -> None:
    made = setting_of("largest_batch", 1.0, 256.0)
    with running_node(tmp_path) as node:
        book = node.node.engine.advice
        assert book.listed([made]) == (made,)
        said = node.desk.dismiss_recommendation(made.id, "not here").result(PATIENCE_S)
        assert "until the evidence" in said
        kept = book.get(made.id)
        assert kept is not None
        assert (kept.state, kept.by, kept.why) == ("dismissed", node.desk.operator, "not here")
        assert book.listed([made]) == ()
        with pytest.raises(DeskError, match="no such recommendation"):
            node.desk.dismiss_recommendation("unknown", "").result(PATIENCE_S)
