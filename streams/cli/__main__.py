"""`python -m streams.cli`: the same as `portrait`."""

from streams.cli.main import main

main()
