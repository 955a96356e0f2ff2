"""The rule language: values, tree, parser, facts, and the readers of one and the same rule."""
