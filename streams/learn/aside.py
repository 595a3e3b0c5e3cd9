"""Work on a copy of this process, while it goes on itself.

What a learner holds changes with every example, and to write all of it down takes longer than its
flow may stand still. A fork shares the memory, copying only what either side changes, so that the
child sees everything as it was at one moment.
"""

import asyncio
import gc
import os
import signal
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from schemas.errors import PortraitError


class AsideError(PortraitError):
    """The child ended without an answer; its traceback is on standard error."""


async def aside(work: Callable[[], bytes]) -> bytes:
    """Return what `work` returns in a forked child that begins now.

    `work` must do nothing but compute: of the threads there is only the one that forked.

    Raises:
        AsideError: it failed, or the child was killed.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)  # else it would wait for ever for a reader that was killed: for itself
        _be_the_child(work, writing)
    os.close(writing)
    answer, status = await asyncio.to_thread(_answer, reading, child)
    if status != 0:
        raise AsideError("a snapshot failed in its own process", status=status)
    return answer


def _answer(reading: int, child: int) -> tuple[bytes, int]:
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    return answer, os.waitpid(child, 0)[1]


def _be_the_child(work: Callable[[], bytes], writing: int) -> NoReturn:
    gc.disable()  # a collection would touch, and so copy, every object
    with suppress(ValueError):  # only a main thread has signals to let go of
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        answer = memoryview(work())
        while answer:
            answer = answer[os.write(writing, answer) :]
        os._exit(0)
    except BrokenPipeError:  # whoever asked is gone
        os._exit(1)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
