"""A TCP proxy that can delay, cut, or swallow what passes."""

import asyncio
import threading
from typing import Self

from profiles.settings import Settings
from tests.faults.servers import Servers

CHUNK = 1 << 16


class Proxy:
    """Passes connections to `port` on to `target`, on a loop of its own thread."""

    def __init__(self, target: int) -> None:
        self.delay = 0.0  # seconds
        self.refuses = False
        self.swallows = False
        self._target = target
        self._writers: set[asyncio.StreamWriter] = set()

    _server: asyncio.Server

    async def listen(self, port: int) -> int:
        """Listen on a port, 0 for any; return it."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        return int(self._server.sockets[0].getsockname()[1])

    def end(self) -> None:
        """Listen no more, and end every connection."""
        self._server.close()
        self.cut()

    def cut(self) -> None:
        """End every connection at once, as a reset."""
        for writer in self._writers:
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.transport.abort()
            return
        try:
            there, to_there = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:  # the server is away: so is its proxy
            writer.transport.abort()
            return
        ends = {writer, to_there}
        self._writers |= ends
        try:
            await asyncio.gather(self._pass(reader, to_there), self._pass(there, writer))
        finally:
            self._writers -= ends

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """Carry one direction; what is delayed is not slowed down: much may be under way."""
        loop = asyncio.get_running_loop()
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        carrier = asyncio.create_task(_carry(under_way, target))
        try:
            while chunk := await source.read(CHUNK):
                if not self.swallows:
                    under_way.put_nowait((loop.time() + self.delay, chunk))
        except ConnectionError:
            pass  # cut: the other direction ends with it
        finally:
            under_way.put_nowait((loop.time() + self.delay, b""))
            await carrier


async def _carry(
    under_way: "asyncio.Queue[tuple[float, bytes]]", target: asyncio.StreamWriter
) -> None:
    loop = asyncio.get_running_loop()
    try:
        while True:
            due, chunk = await under_way.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not chunk:
                return
            target.write(chunk)
            await target.drain()
    except ConnectionError:
        pass
    finally:
        target.close()


class Proxies:
    """One for the broker, one for Redis, for a `with` block."""

    def __init__(self, servers: Servers) -> None:
        self._kafka_port = servers.kafka_proxy
        self._redis_port = 0
        self._both = {
            "kafka": Proxy(servers.behind_proxy),
            "redis": Proxy(servers.redis.port),
        }
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxies", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        kafka, redis = self._both["kafka"], self._both["redis"]
        asyncio.run_coroutine_threadsafe(kafka.listen(self._kafka_port), self._loop).result()
        self._redis_port = asyncio.run_coroutine_threadsafe(redis.listen(0), self._loop).result()
        return self

    def __exit__(self, *_exc: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def settings(self, straight: Settings) -> Settings:
        """Return settings that lead through the proxies."""
        return straight.model_copy(
            update={
                "kafka": f"127.0.0.1:{self._kafka_port}",
                "redis_url": f"redis://127.0.0.1:{self._redis_port}/0",
            }
        )

    def delay(self, seconds: float) -> None:
        """Hold back everything for so long."""
        for proxy in self._both.values():
            proxy.delay = seconds

    def cut(self, which: str) -> None:
        """End connections and refuse new ones, until mended."""
        for proxy in self._chosen(which):
            proxy.refuses = True
            self._loop.call_soon_threadsafe(proxy.cut)

    def swallow(self, which: str) -> None:
        """Pass nothing on, until mended: what was swallowed is lost, so connections end then."""
        for proxy in self._chosen(which):
            proxy.swallows = True

    def mend(self) -> None:
        """Pass everything on again."""
        for proxy in self._both.values():
            if proxy.swallows:
                self._loop.call_soon_threadsafe(proxy.cut)
            proxy.refuses = proxy.swallows = False

    def _chosen(self, which: str) -> list[Proxy]:
        return list(self._both.values()) if which == "both" else [self._both[which]]

    async def _end(self) -> None:
        for proxy in self._both.values():
            proxy.end()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        if left:
            await asyncio.wait(left)
