"""The text layer: one normalised string, and for each of its characters the place in the source it stands for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tumorboard.reading import normalising
from tumorboard.reading.document import Document, Span
from tumorboard.reading.editing import Edit, Editing
from tumorboard.reading.lines import join_lines


@dataclass(frozen=True, slots=True)
class Mark:
    """A citation mark taken out of the text: it stood before character ``at`` of the layer, at ``start`` to ``end`` of
    the source, and names the references ``numbers`` (a printed range such as 3-5 written out)."""

    at: int
    start: int
    end: int
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """A normalised text. Character ``i`` stands for ``offsets[i]`` to ``ends[i]`` of the source; both only ever grow.

    ``edits`` made it from the source, in their order; ``marks`` are the citations that were taken out; ``fences`` are
    the tables, in characters of the layer.
    """

    text: str
    offsets: Sequence[int]
    edits: tuple[Edit, ...]
    ends: Sequence[int]
    marks: tuple[Mark, ...] = ()
    fences: tuple[Span, ...] = ()

    def source_span(self, start: int, end: int) -> Span:
        """The span of the source that characters ``start`` to ``end`` of the layer stand for.

        Raises IndexError for an empty span or one outside the layer.
        """
        if not 0 <= start < end <= len(self.text):
            raise IndexError(f"no characters {start} to {end} in a layer of {len(self.text)}")
        return self.offsets[start], self.ends[end - 1]

    def marks_between(self, start: int, end: int) -> tuple[Mark, ...]:
        """The citation marks that stood after character ``start`` and at or before ``end`` of the layer."""
        return tuple(mark for mark in self.marks if start < mark.at <= end)


def normalise(
    text: str,
    known: Collection[str] = (),
    *,
    markup: Sequence[tuple[int, int, str]] = (),
    raised: Sequence[Span] = (),
    fences: Sequence[Span] = (),
    paragraphs: bool = False,
) -> Layer:
    """The layer of a text. What is the same to a reader becomes the same here: lines end where a sentence, heading or
    table row does, ``5%～22%`` is ``5%~22%``, ``H ER 2`` is ``HER2`` where ``known`` holds that, 藥 is 药.

    ``known`` are names in Latin letters and digits, without spaces: where a space splits one it is put together again.
    ``markup`` gives spans and what they stand for, ``raised`` spans are superscript, ``fences`` are tables: their line
    ends and tabs stay. All are spans of ``text``. With ``paragraphs`` a blank line always ends a paragraph; otherwise
    only where most lines are not followed by one.
    """
    editing = Editing(text)
    editing.replace("markup", markup)
    normalising.unify_characters(editing)
    normalising.simplify(editing)
    join_lines(editing, fences, paragraphs)
    taken = normalising.take_citations(editing, raised)
    normalising.close_spaces(editing)
    normalising.join_split_names(editing, known)
    marks = tuple(
        Mark(at, start, end, numbers)
        for (at, _), (start, end, numbers) in zip(
            editing.here((start, start + 1) for start, _, _ in taken), taken, strict=True
        )
    )
    return Layer(editing.text, editing.starts, tuple(editing.edits), editing.ends, marks, tuple(editing.here(fences)))


def layer_of(document: Document, known: Collection[str] = (), fences: Sequence[Span] | None = None) -> Layer:
    """The layer of a document: its markup read, its tables fenced (or other ``fences``, where they are given)."""
    return normalise(
        document.text,
        known,
        markup=document.markup,
        raised=document.raised,
        fences=document.fences if fences is None else fences,
        paragraphs=document.kind != "text",
    )
