"""Makes the language of the specifications (language.py) importable for the chapters, with readable assertions."""

import pytest

pytest.register_assert_rewrite("language")
