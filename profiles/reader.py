"""Reading profiles from Python, synchronously; any other client needs no more than `HMGET`."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Protocol, cast

from redis import Redis, RedisCluster

from profiles.errors import REDIS_ERRORS
from profiles.keyspace import profile_key
from profiles.traits import catalogue
from profiles.traits.fields import FieldTraits, plain_value
from profiles.typed import Profile
from schemas.errors import PortraitError


class ProfilesUnavailableError(PortraitError):
    """Redis could not be asked, or gave an error; evidence: `customers` asked for, `error`."""

    def __init__(self, customers: Sequence[str], error: Exception) -> None:
        super().__init__(
            "the profiles could not be read from Redis",
            customers=list(customers[:5]),
            error=str(error),
        )


class _Commands(Protocol):
    """What a client and its pipeline have in common; `hmget` would only sort out its arguments."""

    def execute_command(self, *command: str) -> Any: ...


class ProfileReader:
    """Public profiles by customer: field -> text, as docs/profiles.md describes the fields.

    The client may decode responses or not, and be that of a cluster. Raises
    ProfilesUnavailableError where Redis does not answer or answers with an error.

    >>> ProfileReader(Redis()).get_many([])
    []
    """

    def __init__(self, client: Redis | RedisCluster) -> None:
        self._client = client

    def get(self, customer: str, *fields: str) -> dict[str, str]:
        """Return one profile, all of it or the fields named; fields it does not have are absent.

        A customer without a profile gives `{}`.
        """
        try:
            return _profile(_ask(self._client, customer, fields), fields)
        except REDIS_ERRORS as error:
            raise ProfilesUnavailableError([customer], error) from error

    def typed(self, customer: str, *fields: str) -> Profile:
        """Return one profile, all of it or the fields named, as plain Python values.

        Counts are ints, numbers and ratios floats, money Decimals, times datetimes in UTC, flags
        bools; text, and fields that the catalogue does not know, stay text.

        Raises:
            FieldTextError: a field holds something else than the catalogue says.
        """
        traits = _field_traits()
        texts = self.get(customer, *fields)
        values = {name: plain_value(name, traits.of(name), text) for name, text in texts.items()}
        return cast("Profile", values)  # each value is of the type that its trait declares

    def get_many(self, customers: Iterable[str], *fields: str) -> list[dict[str, str]]:
        """Return the profiles of many customers, in their order, in one round trip."""
        wanted = list(customers)
        with self._client.pipeline(transaction=False) as pipeline:
            for customer in wanted:
                _ask(pipeline, customer, fields)
            try:
                return [_profile(answer, fields) for answer in pipeline.execute()]
            except REDIS_ERRORS as error:
                raise ProfilesUnavailableError(wanted, error) from error


@cache
def _field_traits() -> FieldTraits:
    return FieldTraits(catalogue())


def _ask(commands: _Commands, customer: str, fields: tuple[str, ...]) -> Any:
    key = profile_key(customer)
    command = ("HMGET", key, *fields) if fields else ("HGETALL", key)
    return commands.execute_command(*command)


def _profile(answer: Any, fields: tuple[str, ...]) -> dict[str, str]:
    if fields:
        found = zip(fields, answer, strict=True)
        return {
            name: value.decode() if isinstance(value, bytes) else value
            for name, value in found
            if value is not None
        }
    return {_text(name): _text(value) for name, value in answer.items()}


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
