"""The base of every error that Portrait raises: a message and the evidence behind it."""


class PortraitError(Exception):
    """An error that carries its evidence.

    Keyword arguments become attributes (`value`, `expected`, coordinates, ...) and end the message.
    Attributes of `Exception` itself (`args`, ...) cannot be used as names.

    >>> error = PortraitError("price is negative", value=-3.0, expected="a number from 0")
    >>> str(error)
    "price is negative (value=-3.0, expected='a number from 0')"
    >>> error.value
    -3.0
    """

    def __init__(self, message: str, **evidence: object) -> None:
        super().__init__(message)
        self.message = message
        self.evidence = evidence

    def __getattr__(self, name: str) -> object:
        # reached only when normal lookup fails; `evidence` itself is missing while unpickling
        evidence = self.__dict__.get("evidence", {})
        if name in evidence:
            return evidence[name]
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")

    def __str__(self) -> str:
        if not self.evidence:
            return self.message
        shown = ", ".join(f"{name}={_short(value)}" for name, value in self.evidence.items())
        return f"{self.message} ({shown})"


def _short(value: object, limit: int = 120) -> str:
    shown = repr(value)
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"
