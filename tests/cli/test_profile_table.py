"""A profile as people see it in a terminal."""

import io

from rich.console import Console

from streams.cli.inspect import profile_table


def test_brackets_in_ids_names_and_values_are_shown_and_are_no_markup() -> None:
    shown = io.StringIO()
    table = profile_table("[/x]", {"fact.[red]city": "[bold]Bath"})
    Console(file=shown, width=80).print(table)
    for text in "customer [/x]", "fact.[red]city", "[bold]Bath":
        assert text in shown.getvalue()
