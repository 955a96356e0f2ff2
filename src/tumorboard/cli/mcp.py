"""``mcp``: the tools for assistants, over standard input and output."""

from __future__ import annotations

import typer

from tumorboard.cli.common import KnowledgeOption, load_knowledge
from tumorboard.errors import NotFound, Problem


def mcp(knowledge: KnowledgeOption = None) -> None:
    """Tools for assistants (Model Context Protocol) over standard input and output; nothing leaves this machine."""
    try:
        from tumorboard.web.assistants import assistants
    except ModuleNotFoundError as error:
        raise NotFound(Problem("", f"assistants need {error.name}", "pip install 'tumorboard[mcp]'")) from error
    assistants(load_knowledge(knowledge)).run("stdio")


def add_to(app: typer.Typer) -> None:
    app.command()(mcp)
