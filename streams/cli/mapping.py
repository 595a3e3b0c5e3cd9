"""`portrait mapping`: list and show the mappings that there are, and propose one for a table."""

import orjson
import typer

from streams.sources import load_mapping, shipped_mappings, shipped_text
from streams.sources.sampling import propose_mapping


def list_command(json: bool) -> None:
    """Name the mappings that come with Portrait, with the types of event that each gives."""
    types = {
        name: list(dict.fromkeys(rule.type for rule in load_mapping(name).spec.event))
        for name in shipped_mappings()
    }
    if json:
        typer.echo(orjson.dumps(types).decode())
        return
    width = max(map(len, types))
    for name, given in types.items():
        typer.echo(f"{name:{width}}  {', '.join(given)}")


def show_command(name: str) -> None:
    """Print a shipped mapping."""
    typer.echo(shipped_text(name), nl=False)


def guess_command(path: str, rows: int) -> None:
    """Print a mapping proposed for a table, from its first rows."""
    typer.echo(propose_mapping(path, rows), nl=False)
