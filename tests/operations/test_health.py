"""What probes are told: alive as long as the loop turns, ready once nothing is in the way."""

from typing import Any

import aiohttp
import pytest

from streams.service.health import health_server


async def get(port: int | None, path: str) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as answer,
    ):
        return answer.status, await answer.json()


async def test_a_process_with_nothing_in_the_way_is_ready() -> None:
    async with health_server("127.0.0.1", 0, list) as port:
        assert await get(port, "/healthz") == (200, {"alive": True})
        assert await get(port, "/readyz") == (200, {"ready": True, "reasons": []})


async def test_reasons_make_it_unready_but_leave_it_alive() -> None:
    async with health_server("127.0.0.1", 0, lambda: ["redis away for 3 s"]) as port:
        assert (await get(port, "/healthz"))[0] == 200
        body = {"ready": False, "reasons": ["redis away for 3 s"]}
        assert await get(port, "/readyz") == (503, body)


async def test_without_a_port_nothing_listens() -> None:
    async with health_server("127.0.0.1", None, list) as port:
        assert port is None


async def test_a_port_that_is_taken_is_an_error_at_the_start() -> None:
    async with health_server("127.0.0.1", 0, list) as port:
        with pytest.raises(OSError, match="address already in use"):
            async with health_server("127.0.0.1", port, list):
                pass
