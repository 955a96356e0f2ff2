"""The command line: one command, one call. Data goes to standard output, messages to standard error."""

from tumorboard.cli.app import main

__all__ = ["main"]
