"""Builds the Markdown pages of docs/ into a site of plain HTML: run it, or ``make docs``."""

from __future__ import annotations

import re
import shutil
import sys
from html import escape
from importlib import resources
from pathlib import Path

from markdown_it import MarkdownIt

HERE = Path(__file__).parent
# The pages by who reads them; each is a file of this folder with its title in the menu.
MENU = {
    "Start": {"index": "Tumorboard"},
    "For clinicians": {"clinicians": "Reading the board", "mechanism": "The signalling network"},
    "For guideline authors": {
        "authors": "A guideline of your own", "language": "The rule language", "consensus": "Consensus rounds",
    },
    "For data teams": {
        "cohorts": "Cohorts", "cohort-import": "Importing a cohort", "reading": "Reading papers",
        "benchmarks": "Measurements",
    },
    "For developers": {
        "developers": "How it is built", "api": "What other systems can ask", "fhir": "FHIR mapping",
        "cds-hooks": "CDS Hooks", "assistants": "Assistants", "teams": "What a team keeps",
    },
}  # fmt: skip
_LINK = re.compile(r'href="(?!https?:)([\w-]+)\.md(#[\w-]*)?"')
_HEADING = re.compile(r"<h([23])>(.*?)</h\1>")
_TAG = re.compile(r"<[^>]+>")
_CSS = """
.layout { display: grid; grid-template-columns: 15rem minmax(0, 1fr); gap: 0 2.5rem; max-width: 78rem;
  margin: 0 auto; padding: 0 1.5rem; }
.layout nav ul { flex-direction: column; }
.layout nav h2 { font-size: .9rem; border: 0; margin: 1rem 0 .2rem; color: var(--soft); }
.layout main { max-width: 52rem; }
.layout img { max-width: 100%; height: auto; border: 1px solid var(--line); border-radius: 6px; }
.layout pre { background: var(--panel); padding: .7rem 1rem; overflow-x: auto; border-radius: 6px; font-size: .88rem; }
.layout table { display: block; overflow-x: auto; } .layout td, .layout th { overflow-wrap: normal; }
@media (max-width: 52rem) { .layout { grid-template-columns: minmax(0, 1fr); } }
"""


def build(folder: Path) -> list[str]:
    """The site in ``folder``. Gives what is wrong: links and pictures that lead nowhere."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    style = resources.files("tumorboard.report").joinpath("templates/style.css").read_text("utf-8")
    (folder / "style.css").write_text(style + _CSS, encoding="utf-8")
    shutil.copytree(HERE / "images", folder / "images", dirs_exist_ok=True)
    for picture in HERE.glob("*.png"):
        shutil.copy(picture, folder / picture.name)
    listed = [name for pages in _menu_of().values() for name in pages]
    problems = []
    for name in listed:
        html = page(name)
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
        problems += [f"{name}.md: {lost}" for lost in _lost(html, listed)]
    return problems


def page(name: str) -> str:
    text = (HERE / f"{name}.md").read_text("utf-8")
    body = MarkdownIt("commonmark").enable("table").render(text)
    body = _HEADING.sub(lambda found: f'<h{found[1]} id="{_anchor(found[2])}">{found[2]}</h{found[1]}>', body)
    body = _LINK.sub(lambda found: f'href="{found[1]}.html{found[2] or ""}"', body)
    title = _title(name)
    return "\n".join((
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<title>{escape(title)} · Tumorboard</title>\n<link rel="stylesheet" href="style.css">\n</head>\n<body>',
        '<div class="layout">', _menu(name), f"<main>\n{body}</main>", "</div>\n</body>\n</html>\n",
    ))  # fmt: skip


def _menu(name: str) -> str:
    parts = ['<nav aria-label="Pages">']
    for readers, pages in _menu_of().items():
        links = "".join(
            f'<li><a href="{page}.html"{" aria-current=page" if page == name else ""}>{escape(title)}</a></li>'
            for page, title in pages.items()
        )
        parts.append(f"<h2>{escape(readers)}</h2><ul>{links}</ul>")
    return "\n".join((*parts, "</nav>"))


def _menu_of() -> dict[str, dict[str, str]]:
    """The menu with what nobody has put there yet at its end, under its own heading."""
    listed = {name for pages in MENU.values() for name in pages}
    others = {file.stem: _title(file.stem) for file in sorted(HERE.glob("*.md")) if file.stem not in listed}
    return MENU | ({"Further": others} if others else {})


def _title(name: str) -> str:
    lines = (HERE / f"{name}.md").read_text("utf-8").splitlines()
    return next((line[2:] for line in lines if line.startswith("# ")), name)


def _anchor(heading: str) -> str:
    """As GitHub names a heading, so that links work in both places."""
    words = _TAG.sub("", heading).casefold()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


def _lost(html: str, listed: list[str]) -> list[str]:
    found = [link for link in re.findall(r'href="([\w-]+)\.html', html) if link not in listed]
    return found + [image for image in re.findall(r'src="([^":]+)"', html) if not (HERE / image).exists()]


if __name__ == "__main__":
    wrong = build(Path(sys.argv[1]))
    if wrong:
        sys.exit("\n".join(wrong))
