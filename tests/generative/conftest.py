"""Makes the strategies (trees.py) importable."""
