"""Every command of `portrait`; what a command needs is imported when it runs, so help is quick."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from schemas.errors import PortraitError
from streams.cli.output import watch_output

app = typer.Typer(
    name="portrait",
    help="Streaming customer profiles: events in from Kafka, live portraits out of Redis.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
profile_app = typer.Typer(no_args_is_help=True, help="Read profiles.")
mapping_app = typer.Typer(no_args_is_help=True, help="Mappings from tables to events.")
dead_app = typer.Typer(no_args_is_help=True, help="Look at dead letters.")
models_app = typer.Typer(
    invoke_without_command=True, help="What the models have learnt; who is champion."
)
topics_app = typer.Typer(no_args_is_help=True, help="Prepare the topics.")
app.add_typer(profile_app, name="profile")
app.add_typer(dead_app, name="dead")
app.add_typer(mapping_app, name="mapping")
app.add_typer(topics_app, name="topics")
app.add_typer(models_app, name="models")

EXIT_FAILED = 1
EXIT_NOT_FOUND = 4

Language = Annotated[Literal["en", "zh"], typer.Option(help="Of words for people.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Mapping = Annotated[str, typer.Option(help="A shipped mapping's name, or a TOML file.")]
Seconds = Annotated[
    float | None, typer.Option(min=0, help="Stop after so many seconds; default: Ctrl-C.")
]
Source = Annotated[str, typer.Argument(help="CSV, TSV, NDJSON or Parquet file (.gz, .zip), or -.")]


@app.command()
def run(
    source: Source,
    mapping: Mapping,
    export: Annotated[
        Path | None, typer.Option(help="Write every profile to this file, JSON lines.")
    ] = None,
    json: Json = False,
) -> None:
    """Take a source to its end through the embedded stack, and sum up."""
    from streams.cli.run import run_command

    run_command(source, mapping, export, json)


@app.command()
def shop(
    seconds: Seconds = None,
    customers: Annotated[int, typer.Option(min=10, help="Customers of the shop.")] = 500,
    seed: Annotated[int, typer.Option(help="The same seed, the same shop.")] = 1,
    json: Json = False,
) -> None:
    """Watch a synthetic shop live on the embedded stack."""
    from streams.cli.shop import shop_command

    shop_command(seconds, customers, seed, json)


@app.command()
def worker() -> None:
    """Keep profiles up to date, from the configured Kafka to the configured Redis."""
    from streams.cli.serve import worker_command

    raise typer.Exit(worker_command())


@app.command()
def learner() -> None:
    """Learn from the examples of the configured Kafka."""
    from streams.cli.serve import learner_command

    raise typer.Exit(learner_command())


@app.command()
def ingest(source: Source, mapping: Mapping, json: Json = False) -> None:
    """Send a source's events to the configured Kafka."""
    from streams.cli.ingest import ingest_command

    ingest_command(source, mapping, json)


@app.command()
def load(
    rate: Annotated[float, typer.Option(min=0.1, help="Events per second.")] = 200.0,
    seconds: Seconds = None,
    customers: Annotated[int, typer.Option(min=10, help="Customers of the shop.")] = 500,
    seed: Annotated[int, typer.Option(help="The same seed, the same shop.")] = 1,
) -> None:
    """Send a synthetic shop's events to the configured Kafka."""
    from streams.cli.ingest import load_command

    load_command(rate, seconds, customers, seed)


@app.command()
def stats(
    trait: Annotated[
        str | None, typer.Argument(help="Show this trait: figures, histogram, correlations.")
    ] = None,
    json: Json = False,
) -> None:
    """Show how the traits of all customers are distributed."""
    from streams.cli.stats import stats_command

    raise typer.Exit(stats_command(trait, json))


@app.command()
def segments(json: Json = False, language: Language = "en") -> None:
    """Show how large the segments are, how they grow, what is typical of each, and who moved."""
    from streams.cli.segments import segments_command

    raise typer.Exit(segments_command(json, language))


@app.command()
def doctor(json: Json = False) -> None:
    """Check configuration and both servers, and say what to mend."""
    from streams.cli.doctor import doctor_command

    raise typer.Exit(doctor_command(json))


@app.command()
def stack(
    brokers: Annotated[int, typer.Option(min=1, help="Three have three replicas of a topic.")] = 1,
    cluster: Annotated[
        bool, typer.Option("--cluster", help="A Redis Cluster: three masters, three replicas.")
    ] = False,
    directory: Annotated[
        Path | None, typer.Option(help="Keep data, ports and keys here; default: keep nothing.")
    ] = None,
) -> None:
    """Run a real Kafka and a Redis on this machine until Ctrl-C (needs Java and Maven)."""
    from streams.cli.stack import stack_command

    stack_command(brokers, cluster, directory)


@topics_app.command("create")
def topics_create(
    partitions: Annotated[
        int, typer.Option(min=1, help="Of each topic of events: chosen once, for ever.")
    ] = 12,
    replicas: Annotated[
        int | None, typer.Option(min=1, help="Copies of each topic; default: the brokers' own.")
    ] = None,
) -> None:
    """Create the topics that the configured Kafka does not have yet."""
    from streams.cli.stack import topics_command

    topics_command(partitions, replicas)


@models_app.callback()
def models(context: typer.Context, json: Json = False) -> None:
    """Show what the models have learnt, and how good they are."""
    if context.invoked_subcommand is None:
        models_list(json)


@models_app.command("list")
def models_list(json: Json = False) -> None:
    """Show every task's champion and its figures."""
    from streams.cli.models import list_command

    list_command(json)


@models_app.command("show")
def models_show(task: str, json: Json = False) -> None:
    """Show one task, with its changes of champion."""
    from streams.cli.models import show_command

    show_command(task, json)


@models_app.command("compare")
def models_compare(task: str, json: Json = False) -> None:
    """Show champion, challengers and rule side by side."""
    from streams.cli.models import compare_command

    compare_command(task, json)


@models_app.command("promote")
def models_promote(task: str, model: str) -> None:
    """Make a challenger the champion; it stays so until it is released."""
    from streams.cli.models import command

    command("promote", task, model)


@models_app.command("rollback")
def models_rollback(task: str) -> None:
    """Make the champion before the last change the champion again, until it is released."""
    from streams.cli.models import command

    command("rollback", task, "")


@models_app.command("release")
def models_release(task: str) -> None:
    """Let the rule choose the champion again."""
    from streams.cli.models import command

    command("release", task, "")


@profile_app.command("get")
def profile_get(customer: str, json: Json = False, language: Language = "en") -> None:
    """Show one customer's profile."""
    from streams.cli.inspect import profile_command

    raise typer.Exit(profile_command(customer, json, language))


@mapping_app.command("list")
def mapping_list(json: Json = False) -> None:
    """Name the mappings that come with Portrait."""
    from streams.cli.mapping import list_command

    list_command(json)


@mapping_app.command("show")
def mapping_show(name: str) -> None:
    """Print a shipped mapping, to begin one of your own from."""
    from streams.cli.mapping import show_command

    show_command(name)


@mapping_app.command("guess")
def mapping_guess(
    source: Source,
    rows: Annotated[int, typer.Option(min=1, help="Rows to look at.")] = 10_000,
) -> None:
    """Propose a mapping for a table, from its columns' names and values."""
    from streams.cli.mapping import guess_command

    guess_command(source, rows)


@dead_app.command("list")
def dead_list(
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many, newest last.")] = 50,
    json: Json = False,
) -> None:
    """Show dead letters: what was rejected, where it came from, and why."""
    from streams.cli.inspect import dead_command

    dead_command(limit, json)


def main() -> None:
    """Run the command line; errors of ours are one line on standard error, and exit code 1."""
    watch_output()
    try:
        app()
    except PortraitError as error:
        typer.echo(f"portrait: {error}", err=True)
        raise SystemExit(EXIT_FAILED) from error
