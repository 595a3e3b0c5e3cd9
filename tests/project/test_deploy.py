"""The files that deploy Portrait keep their promises: pinned, durable, on loopback only."""

import asyncio
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from itertools import takewhile
from pathlib import Path

import jsonschema
import pytest
import redis
from ruamel.yaml import YAML

from profiles.settings import Settings
from streams.embedded.redis import find_binary
from streams.service.health import health_server
from streams.stack.jars import version

ROOT = Path(__file__).parents[2]
COMPOSE = YAML(typ="safe").load(ROOT / "docker-compose.yml")
SERVICES = COMPOSE["services"]
LASTING = sorted(SERVICES.keys() - {"topics-init"})
PROCESSES = ("worker", "learner", "load")
OURS = (*PROCESSES, "topics-init")


def environment(service: str) -> dict[str, str]:
    return SERVICES[service].get("environment", {})


def conf(path: str) -> dict[str, str]:
    lines = (ROOT / path).read_text().splitlines()
    return dict(line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))


def pins(path: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)(?:\[.*\])?==(\S+)", (ROOT / path).read_text(), re.MULTILINE)
    return dict(found)


def test_the_compose_file_follows_the_compose_schema():
    # read as a file: the package's own command does not start with every version of click
    package = importlib.util.find_spec("check_jsonschema").submodule_search_locations[0]
    schema = Path(package) / "builtin_schemas" / "vendor" / "compose-spec.json"
    jsonschema.validate(COMPOSE, json.loads(schema.read_text()))


def test_every_foreign_image_is_pinned_to_a_full_version():
    images = [SERVICES[name]["image"] for name in SERVICES if name not in OURS]
    images += re.findall(r"^FROM (\S+)", (ROOT / "deploy/Dockerfile").read_text(), re.MULTILINE)
    assert len(images) >= 4
    assert not [image for image in images if not re.search(r":\d+\.\d+\.\d+", image)]


@pytest.mark.parametrize("service", LASTING)
def test_whatever_runs_is_watched_and_comes_back(service):
    assert SERVICES[service]["healthcheck"]["test"]
    assert SERVICES[service]["restart"] == "unless-stopped"


@pytest.mark.parametrize(("reasons", "code"), [([], 0), (["redis away for 3 s"], 1)])
@pytest.mark.parametrize("service", ["worker", "learner"])
async def test_the_health_check_asks_the_process_itself_and_says_why_it_is_not_ready(
    service, reasons, code
):
    how, python, *arguments = SERVICES[service]["healthcheck"]["test"]
    assert (how, python) == ("CMD", "python")
    port = environment(service)["PORTRAIT_HEALTH_PORT"]
    assert f'"127.0.0.1", {port},' in arguments[-1]
    async with health_server(Settings().health_address, 0, lambda: reasons) as own:
        arguments[-1] = arguments[-1].replace(port, str(own))
        asked = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, stderr=asyncio.subprocess.PIPE
        )
        _, said = await asked.communicate()
    assert asked.returncode == code
    assert all(reason in said.decode() for reason in reasons)
    assert b"Traceback" not in said


def test_ports_are_open_on_loopback_only():
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_redis_is_durable_and_never_evicts():
    settings = conf("deploy/redis/portrait.conf")
    assert settings["maxmemory-policy"] == "noeviction"
    assert settings["appendonly"] == "yes"
    assert "redis-data:/data" in SERVICES["redis"]["volumes"]


def test_kafka_keeps_its_log_in_a_volume_and_makes_no_topic_by_itself():
    kafka = environment("kafka")
    assert f"kafka-data:{kafka['KAFKA_LOG_DIRS']}" in SERVICES["kafka"]["volumes"]
    assert kafka["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert {"kafka-data", "redis-data"} == COMPOSE["volumes"].keys()


@pytest.mark.parametrize("service", PROCESSES)
def test_processes_wait_for_topics_and_redis(service):
    conditions = {name: how["condition"] for name, how in SERVICES[service]["depends_on"].items()}
    assert conditions == {
        "topics-init": "service_completed_successfully",
        "redis": "service_healthy",
    }


@pytest.mark.parametrize("service", OURS)
def test_ours_have_no_rights(service):
    assert SERVICES[service]["cap_drop"] == ["ALL"]
    assert SERVICES[service]["read_only"] is True
    assert "\nUSER portrait\n" in (ROOT / "deploy/Dockerfile").read_text()


@pytest.mark.parametrize("service", OURS)
def test_the_environment_names_settings_that_exist(service):
    known = {f"PORTRAIT_{name.upper()}" for name in Settings.model_fields}
    assert environment(service).keys() <= known


def test_load_runs_only_when_asked_for():
    assert SERVICES["load"]["profiles"] == ["load"]
    assert not any("profiles" in SERVICES[name] for name in SERVICES if name != "load")


def test_the_redis_configuration_is_one_that_redis_accepts(tmp_path):
    """A real server starts with it; only where it listens and writes is changed."""
    path = tmp_path / "redis.sock"
    command = [find_binary(), str(ROOT / "deploy/redis/portrait.conf")]
    command += ["--port", "0", "--dir", str(tmp_path), "--unixsocket", str(path)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    try:
        said = list(takewhile(lambda line: "ready to accept" not in line.lower(), server.stdout))
        assert path.exists(), "".join(said)
        with redis.Redis(unix_socket_path=str(path), decode_responses=True) as client:
            settings = client.config_get("*")
        assert settings["appendonly"] == "yes"
        assert settings["maxmemory-policy"] == "noeviction"
    finally:
        server.terminate()
        server.wait(30)
        server.stdout.close()


def test_topics_are_created_by_our_own_command_once_kafka_is_there():
    service = SERVICES["topics-init"]
    assert service["command"] == ["topics", "create"]
    assert service["image"] == SERVICES["worker"]["image"]
    assert service["depends_on"] == {"kafka": {"condition": "service_healthy"}}


def test_kafka_is_the_version_that_tests_run():
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{version()}"


@pytest.mark.parametrize("lock", ["deploy/requirements.lock", "deploy/requirements.build.lock"])
def test_the_image_installs_the_versions_that_were_tested(lock):
    assert pins(lock).items() <= pins("requirements.lock").items()


def test_the_image_holds_no_development_tools():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    runtime, tools = project["dependencies"], project["optional-dependencies"]["dev"]
    name = re.compile(r"^[\w.-]+")
    installed = pins("deploy/requirements.lock").keys()
    assert {name.match(each).group() for each in runtime} <= installed
    assert not {name.match(each).group() for each in tools} & installed
