"""Advice for people: one view of it, written to the terminal, as Markdown and as a self-contained HTML page."""
