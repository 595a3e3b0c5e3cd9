"""The event loop of a worker's two threads: uvloop's, on which waking up and answers cost less."""

import sys

if sys.platform == "win32":
    from asyncio import new_event_loop as new_event_loop
else:
    from uvloop import new_event_loop as new_event_loop
