"""From TOML to a checked mapping; every error names the place that is wrong."""

import tomllib
from typing import Any

from pydantic import ValidationError

from . import preprocess, times
from .errors import MappingError
from .spec import FIELDS, Fields, MappingSpec


def parse_spec(text: str, name: str) -> MappingSpec:
    """Read a mapping's TOML; raises `MappingError` naming the place that is wrong."""
    try:
        spec = MappingSpec.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise _wrong(name, "", str(error), "TOML") from error
    except ValidationError as error:
        raise _named(error, name) from error
    _check_names(spec, name)
    _check_fields(spec, name)
    _check_times(spec, name)
    _check_preprocess(spec, name)
    return spec


def _check_names(spec: MappingSpec, name: str) -> None:
    salts: set[str] = set()
    for i, rule in enumerate(spec.event):
        if rule.salt in salts:
            raise _wrong(name, f"event[{i}].name", rule.salt, "a name that no other event has")
        salts.add(rule.salt)


def _check_fields(spec: MappingSpec, name: str) -> None:
    """A field of the head must belong to one event at least, one of an event to that event."""
    known = frozenset[str]().union(*(FIELDS[rule.type] for rule in spec.event))
    allowed = [known, *(FIELDS[rule.type] for rule in spec.event)]
    for (path, fields), names in zip(_places(spec), allowed, strict=True):
        for field in (field for field in fields if field not in names):
            raise _wrong(name, f"{path}.{field}", field, f"one of {', '.join(sorted(names))}")


def _check_times(spec: MappingSpec, name: str) -> None:
    for path, fields in _places(spec):
        for field, value in fields.items():
            if (found := times.objection(field, value)) is not None:
                raise _wrong(name, f"{path}.{field}.{found.key}", found.value, found.expected)


def _places(spec: MappingSpec) -> list[tuple[str, Fields]]:
    """Return the fields of the head and of each event, with the place in the TOML."""
    events = [(f"event[{i}].fields", rule.fields) for i, rule in enumerate(spec.event)]
    return [("fields", spec.fields), *events]


def _check_preprocess(spec: MappingSpec, name: str) -> None:
    filled = set(spec.fields).union(*(rule.fields for rule in spec.event))
    for field, asked in spec.preprocess.items():
        if field not in filled:
            expected = f"one of the fields filled, {', '.join(sorted(filled))}"
            raise _wrong(name, f"preprocess.{field}", field, expected)
        if (found := preprocess.objection(field, asked)) is not None:
            raise _wrong(name, f"preprocess.{field}.{found.key}", found.value, found.expected)


def _named(error: ValidationError, name: str) -> MappingError:
    fault: Any = error.errors(include_url=False)[0]
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in fault["loc"])
    return _wrong(name, path.lstrip("."), fault["input"], fault["msg"])


def _wrong(name: str, path: str, value: object, expected: str) -> MappingError:
    return MappingError(
        f"mapping {name} is wrong at {path or 'its head'}",
        mapping=name,
        path=path,
        value=value,
        expected=expected,
    )
