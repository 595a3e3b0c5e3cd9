"""Logging: structlog for our own lines, the same output for the libraries' warnings."""

import logging
import sys

import structlog

from profiles.settings import Settings

REPEAT_SECONDS = 5.0
"""Kafka's client tries ten times a second while a broker is away, and says so each time."""


def set_up_logging(settings: Settings) -> None:
    """Write log lines to standard error, as JSON or for people."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    as_json = settings.log_format == "json"
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared)
    )
    handler.addFilter(SeldomRepeated("aiokafka"))
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)


class SeldomRepeated(logging.Filter):
    """Lets each line of a library's code speak only once in a while."""

    def __init__(self, library: str) -> None:
        super().__init__()
        self._library = library
        self._spoke: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the record is to be written."""
        if record.name.partition(".")[0] != self._library:
            return True
        place = record.pathname, record.lineno
        if record.created - self._spoke.get(place, 0.0) < REPEAT_SECONDS:
            return False
        self._spoke[place] = record.created
        return True
