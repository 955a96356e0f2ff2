"""Text in the two languages of the product, always together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Text:
    """The same statement in English and in Chinese; ``text[lang]`` gives one of them."""

    en: str
    zh: str

    def __getitem__(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en

    def format(self, **parts: object) -> Text:
        """Both languages with their ``{placeholders}`` filled; a part that is a Text gives each its own language."""
        en, zh = parts.copy(), parts
        for name, part in en.items():
            if isinstance(part, Text):
                en[name], zh[name] = part.en, part.zh
        return Text(self.en.format(**en), self.zh.format(**zh))

    def as_dict(self) -> dict[str, str]:
        return {"en": self.en, "zh": self.zh}


def text_from(value: object) -> Text:
    """A Text from ``{en: …, zh: …}`` as the knowledge files write it. Raises ValueError naming what is absent."""
    if not isinstance(value, Mapping):
        raise ValueError(f"expected {{en: …, zh: …}}, found {value!r}")
    for language in LANGUAGES:
        if not isinstance(value.get(language), str) or not value[language].strip():
            raise ValueError(f"the {language} text is absent or empty in {dict(value)!r}")
    if extra := set(value) - set(LANGUAGES):
        raise ValueError(f"only en and zh belong here, not {', '.join(sorted(map(str, extra)))}")
    return Text(value["en"].strip(), value["zh"].strip())
