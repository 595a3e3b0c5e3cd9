"""Every setting of Portrait, read from `PORTRAIT_*` environment variables and nowhere else."""

import os
import re
from typing import Annotated, Literal

from pydantic import DirectoryPath, Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from profiles.brokers import fault_of_brokers
from profiles.sketches.decayed import HALF_LIFE_DAYS
from profiles.stores.address import fault_of
from profiles.traits.tiers import DEFAULT_TIERS
from schemas.currencies import CURRENCIES

Megabytes = Annotated[int, Field(ge=1, le=65_536)]
PREFIX = "PORTRAIT_"
_OF_A_SERVICE = re.compile(r"_SERVICE_(HOST|PORT)|_PORT_\d+_")


class Settings(BaseSettings):
    """What can be set; the environment variable is the name in capitals, with `PORTRAIT_` before.

    >>> Settings(kafka="a:9092,b:9092").brokers
    ['a:9092', 'b:9092']
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid")

    kafka: Annotated[str, Field(description="brokers, host:port, separated by commas")] = (
        "127.0.0.1:9092"
    )
    redis_url: Annotated[
        str,
        Field(
            pattern=r"^(rediss?(\+cluster)?|unix)://.+",
            description="redis://, rediss:// or unix://; redis+cluster:// or rediss+cluster:// "
            "and any node of a Redis Cluster",
        ),
    ] = "redis://127.0.0.1:6379/0"
    topic_prefix: Annotated[
        str,
        Field(
            max_length=100,
            pattern=r"^[A-Za-z0-9._-]*$",
            description="at most 100 of the letters, digits and ._- that names of topics may have",
        ),
    ] = ""
    epoch: Annotated[
        str | None,
        Field(description="stands for the topics' ids on a broker that has none (embedded)"),
    ] = None
    model_key: Annotated[
        SecretStr | None, Field(description="signs model snapshots; the same for all processes")
    ] = None

    rfm_tiers: Annotated[
        str, Field(description="what to call customers by their RFM scores: docs/rfm.md")
    ] = DEFAULT_TIERS
    traits: Annotated[
        str,
        Field(description="traits to derive, with those of their groups, by commas; empty: all"),
    ] = ""
    taste_half_life_days: Annotated[
        int,
        Field(ge=1, le=3650, description="what a customer liked so long ago weighs half as much"),
    ] = HALF_LIFE_DAYS
    base_currency: Annotated[
        str, Field(pattern=r"^[A-Z]{3}$", description="an ISO 4217 code, three capital letters")
    ] = "USD"
    max_future_hours: Annotated[
        float, Field(ge=0, le=8760, description="an event may be this much later than its record")
    ] = 24.0
    on_recreated_topic: Literal["stop", "continue"] = "stop"
    on_truncated_log: Literal["stop", "count_gap"] = "stop"

    batch_records: Annotated[
        int, Field(ge=1, le=50_000, description="records of one batch, at most")
    ] = 20_000
    cache_megabytes: Annotated[
        Megabytes, Field(description="sections kept in a worker's memory")
    ] = 96
    session_timeout_seconds: Annotated[
        float, Field(ge=1, le=300, description="how long a dead worker keeps its partitions")
    ] = 10.0

    stuck_seconds: Annotated[
        float,
        Field(
            ge=0,
            description="a process that reads nothing for so long though it could ends; 0: never",
        ),
    ] = 120.0
    health_port: Annotated[
        int | None, Field(ge=0, le=65_535, description="answers probes; none unless it is set")
    ] = None
    health_address: Annotated[
        str, Field(description="where the health port listens; others only in a closed network")
    ] = "127.0.0.1"

    refresh_seconds: Annotated[
        float, Field(ge=0, description="seconds between two looks at silent customers; 0: none")
    ] = 60.0
    refresh_customers: Annotated[
        int, Field(ge=1, description="customers looked at each time, at most")
    ] = 5_000
    population_seconds: Annotated[
        float, Field(ge=0, description="seconds between two counts of the population; 0: none")
    ] = 30.0
    population_sample: Annotated[
        int, Field(ge=100, le=1_000_000, description="profiles looked at for it, at most")
    ] = 20_000
    audience_seconds: Annotated[
        float,
        Field(ge=0, description="seconds between two sortings into `segment:<name>` sets; 0: none"),
    ] = 60.0

    learning: Annotated[
        bool, Field(description="false: ask no questions, send no examples, follow no models")
    ] = True
    keep: Annotated[
        Literal["everything", "traits"],
        Field(
            description="what sections keep: everything, or no more than `traits` are derived from "
            "(then without learning)"
        ),
    ] = "everything"
    learning_share: Annotated[
        float,
        Field(ge=0, le=1, description="customers to learn from: a learner keeps up with so many"),
    ] = 1.0
    event_share: Annotated[
        float,
        Field(ge=0, le=1, description="events of any kind to ask about by themselves"),
    ] = 0.02
    holdout_share: Annotated[
        float, Field(ge=0, le=0.5, description="customers who are scored, but not to be acted on")
    ] = 0.0
    reasons: Annotated[
        str, Field(description="tasks whose scores come with their reasons, by commas")
    ] = "churn"
    churn_horizon_days: Annotated[int, Field(ge=1, le=730)] = 30
    snapshot_examples: Annotated[
        int, Field(ge=1, description="examples between two snapshots, at most")
    ] = 2_000
    snapshot_seconds: Annotated[
        float, Field(gt=0, description="seconds between two snapshots, at most")
    ] = 2.0
    snapshot_directory: Annotated[
        DirectoryPath | None,
        Field(description="keeps the learner's snapshots; none: the models topic does"),
    ] = None

    log_format: Literal["auto", "console", "json"] = "auto"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("kafka")
    @classmethod
    def _brokers_can_be_asked(cls, kafka: str) -> str:
        if (fault := fault_of_brokers(_listed(kafka))) is not None:
            raise PydanticCustomError("kafka", "{fault}", {"fault": fault})
        return kafka

    @field_validator("redis_url")
    @classmethod
    def _redis_url_can_be_used(cls, url: str) -> str:
        if (fault := fault_of(url)) is not None:
            expected = "scheme://host:port/number, or unix:///path?db=number"
            evidence = {"fault": fault, "expected": expected}
            raise PydanticCustomError("redis_url", "{fault}", evidence)
        return url

    @field_validator("base_currency")
    @classmethod
    def _base_currency_can_be_in_events(cls, code: str) -> str:
        if code not in CURRENCIES:  # what events name would all be another currency
            evidence = {"expected": "an ISO 4217 code, such as USD or CNY"}
            raise PydanticCustomError("base_currency", "no currency that events may name", evidence)
        return code

    @field_validator("keep")
    @classmethod
    def _models_need_everything(cls, keep: str, info: ValidationInfo) -> str:
        if keep == "traits" and info.data.get("learning"):
            raise PydanticCustomError(
                "models_need_everything",
                "models look at all that sections can keep, and PORTRAIT_KEEP is 'traits'",
                {"expected": "PORTRAIT_LEARNING=false with it, or PORTRAIT_KEEP=everything"},
            )
        return keep

    @property
    def brokers(self) -> list[str]:
        """The brokers as a list."""
        return _listed(self.kafka)

    @property
    def trait_names(self) -> list[str]:
        """The traits to derive as a list, empty for all."""
        return _listed(self.traits)

    @property
    def reasons_of(self) -> list[str]:
        """The tasks whose scores come with reasons as a list."""
        return _listed(self.reasons)

    def environment(self) -> dict[str, str]:
        """Return this process's environment with these settings in it, for a child process."""
        own = {
            PREFIX + name.upper(): value.get_secret_value()
            if isinstance(value, SecretStr)
            else str(value)
            for name, value in self
            if value is not None
        }
        return os.environ | own


def unknown_variables() -> list[str]:
    """Return the environment's variables that begin as settings do, and are none.

    Those that container platforms write for a service named `portrait-...` are not meant as such.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    return sorted(
        name
        for name, value in os.environ.items()
        if name.upper().startswith(PREFIX) and name.upper() not in known
        if not _OF_A_SERVICE.search(name) and not value.startswith(("tcp://", "udp://"))
    )


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]
