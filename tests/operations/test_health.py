"""What probes are told: alive as long as the loop turns, ready once nothing is in the way."""

from typing import Any

import aiohttp
import pytest

from streams.service.health import HealthPortError, health_server


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


async def test_a_port_that_is_taken_is_an_error_at_the_start_that_names_the_settings() -> None:
    async with health_server("127.0.0.1", 0, list) as port:
        with pytest.raises(HealthPortError, match="address already in use") as caught:
            async with health_server("127.0.0.1", port, list):
                pass
    assert caught.value.value == f"127.0.0.1:{port}"
    assert "PORTRAIT_HEALTH_PORT" in str(caught.value.expected)


async def test_an_address_that_is_none_of_this_machine_is_an_error_at_the_start() -> None:
    with pytest.raises(HealthPortError) as caught:
        async with health_server("192.0.2.1", 0, list):  # for documentation, nobody's
            pass
    assert "PORTRAIT_HEALTH_ADDRESS" in str(caught.value.expected)
