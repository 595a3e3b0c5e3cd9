"""Models' scores stand beside the traits; what models see is computed for them alone."""

from collections.abc import Sequence

import pytest

from profiles.derive import Deriver
from profiles.learning.model import Tastes
from profiles.sections.purchase import PurchaseFacts
from profiles.traits import Fields
from profiles.traits.catalogue import UNKNOWN
from profiles.view import View

from .owners import CATALOGUE, CURRENCY

ORDER = {"type": "purchase", "event_id": "1", "customer_id": "c", "ts": 0, "price": 2.5}


class Scores:
    """Says how many rows it was given, if it is `ready`."""

    def __init__(self, ready: bool) -> None:
        self.ready = ready

    def __call__(self, vectors: list[list[float]], tastes: Sequence[Tastes]) -> list[Fields]:
        assert len(vectors) == len(tastes)
        return [{"churn.score": f"{len(vectors)}"} for _ in vectors]


def view() -> View:
    facts = PurchaseFacts()
    facts.fold(dict(ORDER))
    return View.of([("purchase", facts)])


def test_scores_are_the_last_part() -> None:
    deriver = Deriver(CATALOGUE, CURRENCY, Scores(ready=True))
    (parts,) = deriver.parts([view()], [0], [UNKNOWN])
    assert parts[-1] == {"churn.score": "1"}


def test_no_features_are_computed_where_no_model_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("profiles.derive.features")
    (parts,) = Deriver(CATALOGUE, CURRENCY, Scores(ready=False)).parts([view()], [0], [UNKNOWN])
    assert parts[-1] == {}
    assert {"orders": "1"}.items() <= {**parts[0], **parts[1]}.items()
