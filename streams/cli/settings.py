"""Settings for commands: read once, with an error that says which variable is wrong."""

import re
from typing import Any, Literal

from pydantic import ValidationError

from profiles.settings import PREFIX, Settings
from schemas.errors import PortraitError

Language = Literal["en", "zh"]
"""Of the words in what is printed for people."""


class SettingsError(PortraitError):
    """An environment variable holds something else than expected, or is missing."""


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: names the variable, its value and what was expected.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        expected = first.get("ctx", {}).get("expected") or _expected(name)
        raise SettingsError(
            f"{PREFIX}{name.upper()}: {first['msg']}",
            value=_shown(first["input"]),
            expected=expected,
        ) from None  # pydantic's own error would show the value as it is


def _shown(value: Any) -> Any:
    """Return a value to be printed, without the password of a URL.

    >>> _shown("redis://me:secret@127.0.0.1:port/0")
    'redis://***@127.0.0.1:port/0'
    """
    return re.sub(r"://.*@", "://***@", value) if isinstance(value, str) else value


def _expected(name: str) -> str:
    """Say what a setting expects, by its limits or else its description."""
    schema: dict[str, Any] = Settings.model_json_schema()["properties"][name]
    schema |= schema.get("anyOf", [{}])[0]  # the other one is null
    match schema["type"]:
        case "integer":
            return f"a whole number{_limits(schema)}"
        case "number":
            return f"a number{_limits(schema)}"
        case "boolean":
            return "true or false"
    if schema.get("format") == "directory-path":
        return "a directory that there is"
    return str(schema["description"])


def _limits(schema: dict[str, Any]) -> str:
    """Say between what a number must be.

    >>> _limits({"minimum": 1, "maximum": 3650}), _limits({"exclusiveMinimum": 0}), _limits({})
    (' from 1 to 3650', ' above 0', '')
    """
    words = {"exclusiveMinimum": "above", "minimum": "from", "maximum": "to"}
    return "".join(f" {word} {schema[key]}" for key, word in words.items() if key in schema)


def model_key(settings: Settings) -> bytes:
    """Return the key that signs models.

    Raises:
        SettingsError: it is not set.
    """
    if settings.model_key is None or not settings.model_key.get_secret_value():
        raise SettingsError(
            "PORTRAIT_MODEL_KEY is not set: models are signed with it. "
            "Make one with: python -c 'import secrets; print(secrets.token_hex(32))'"
        )
    return settings.model_key.get_secret_value().encode()
