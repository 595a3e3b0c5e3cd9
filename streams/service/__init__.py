"""A process that serves until it is stopped: health, a watchdog, an end within bounds."""

EXIT_STUCK = 5
