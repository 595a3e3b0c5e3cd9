"""Real servers for the fault suite's own tests."""

from collections.abc import Iterator

import pytest

from streams.embedded import EmbeddedServerError
from streams.stack import ArtifactsError, MissingToolError
from tests.conftest import cannot_be_had
from tests.faults.servers import Worlds


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    """Servers that may be killed, frozen and emptied: nobody else uses them."""
    with Worlds(tmp_path_factory.mktemp("servers")) as made:
        try:
            made.servers(wide=False)
        except (MissingToolError, ArtifactsError, EmbeddedServerError) as error:
            cannot_be_had(error)
        yield made
