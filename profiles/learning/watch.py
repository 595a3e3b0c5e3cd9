"""What has changed around one task: its champion's errors, and what it is asked about."""

from typing import Any

from profiles.learning.metrics.drift import (
    CLASSES,
    Drift,
    ErrorWatch,
    InputWatch,
    error_of,
)
from profiles.learning.model import Numbers, Prediction, Row, State
from profiles.learning.task import UNLABELLED, Kind

MOST = 50  # events kept


class Watch:
    """The last events of drift, oldest first, by event time: a function of the examples alone."""

    classes = CLASSES

    def __init__(self, features: tuple[str, ...], kind: Kind) -> None:
        self.features, self.kind = features, kind
        self.inputs, self.errors = InputWatch(len(features)), ErrorWatch()
        self.events: list[Drift] = []

    def asked(self, at: int, row: Row) -> None:
        """Look at a question's features (event time in ms)."""
        for drift in self.inputs.update(at, row) if self.features else ():
            self._note(drift._replace(what=self.features[int(drift.what)]))

    def answered(self, at: int, prediction: Prediction, label: Any) -> None:
        """Look at the champion's error, where there is a label to be wrong about."""
        if prediction is None or self.kind in UNLABELLED:
            return
        drift = self.errors.update(at, error_of(self.kind, prediction, label))
        if drift:
            self._note(drift)

    def _note(self, drift: Drift) -> None:
        self.events.append(drift)
        del self.events[:-MOST]

    def card(self) -> Numbers:
        """Events, and the stability index of each feature over the last full window."""
        latest = dict(zip(self.features, self.inputs.latest, strict=False))
        return {"events": [drift._asdict() for drift in self.events], "stability": latest}

    def state(self) -> State:
        """The detector (see `classes`) and plain containers."""
        return {
            "inputs": self.inputs.state(),
            "errors": self.errors.state(),
            "events": [tuple(drift) for drift in self.events],
        }

    def restore(self, state: State) -> None:
        """The inverse of `state`."""
        self.inputs.restore(state["inputs"])
        self.errors.restore(state["errors"])
        self.events = [Drift(*event) for event in state["events"]]
