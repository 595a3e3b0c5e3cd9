"""Real servers for the fault suite's own tests."""

from collections.abc import Iterator

import pytest

from streams.embedded import EmbeddedServerError
from streams.stack import ArtifactsError, MissingToolError
from tests.conftest import cannot_be_had
from tests.faults.servers import Servers


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A broker and a Redis that may be killed, frozen and emptied: nobody else uses them."""
    made = Servers(tmp_path_factory.mktemp("servers"))
    try:
        made.__enter__()
    except (MissingToolError, ArtifactsError, EmbeddedServerError) as error:
        cannot_be_had(error)
    with made:
        yield made
