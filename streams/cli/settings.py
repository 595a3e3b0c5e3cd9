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
        variable = PREFIX + str(first["loc"][0]).upper() if first["loc"] else PREFIX
        raise SettingsError(
            f"{variable}: {first['msg']}", value=_shown(first["input"]), expected=first["type"]
        ) from None  # pydantic's own error would show the value as it is


def _shown(value: Any) -> Any:
    """Return a value to be printed, without the password of a URL.

    >>> _shown("redis://me:secret@127.0.0.1:port/0")
    'redis://***@127.0.0.1:port/0'
    """
    return re.sub(r"://.*@", "://***@", value) if isinstance(value, str) else value


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
