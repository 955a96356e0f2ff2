"""Results and recommendations printed in tables: columns by their heading, rows by what they name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from tumorboard.evidence.findings import Effect, Interval, Population, PValue
from tumorboard.folder import KnowledgeFolder
from tumorboard.reading.comparing import control_of
from tumorboard.reading.document import Document
from tumorboard.reading.draft import Draft
from tumorboard.reading.frame import FrameReader
from tumorboard.reading.lexer import tokens
from tumorboard.reading.lexicon import Endpoint, Lexicon, any_of
from tumorboard.reading.recommendations import RecommendationReader
from tumorboard.reading.results import Named
from tumorboard.reading.study import Mentioned
from tumorboard.reading.table_cells import (
    NUMBER,
    Column,
    after_words,
    p_row,
    read_cell,
    read_p,
    row_statistics,
)
from tumorboard.reading.table_headings import HeadingReader, split_statements, unit_of
from tumorboard.reading.table_rows import Grid, Piece, grids

_COUNTED = re.compile(r"n ?[(,] ?%|例 ?[(] ?%|No\. ?\(%\)")
_OPTION = re.compile(r"[(]([ⅠⅡⅢⅣⅤIV]{1,4})[)]$")


class TableReader:
    def __init__(self, folder: KnowledgeFolder, lexicon: Lexicon, recommendations: RecommendationReader) -> None:
        columns = folder.read("reading/recommendations.yaml")["columns"]
        self._columns = {role: re.compile(rf"(?:{any_of(words)})", re.IGNORECASE) for role, words in columns.items()}
        self._lexicon, self._recommendations = lexicon, recommendations
        self._headings, self._frames = HeadingReader(lexicon), FrameReader(lexicon)

    def read(self, document: Document) -> tuple[list[Draft], Counter[str]]:
        """What the document's tables print, and how many tables and rows were left out, by the reason."""
        left_out: Counter[str] = Counter()
        drafts: list[Draft] = []
        for grid in grids(document):
            found = list(self._grid(document, grid, left_out))
            left_out["a table not understood"] += not found
            drafts += found
        return drafts, +left_out

    def _grid(self, document: Document, grid: Grid, left_out: Counter[str]) -> Iterator[Draft]:
        if len(grid.rows) < 2:
            return
        grid = split_statements(grid, self._recommendation_role)
        header = grid.rows[0]
        roles = [self._recommendation_role(piece.text) for piece in header]
        if sum(role in ("strength", "level", "agreement") for role in roles) >= 2:
            yield from self._recommended(document, grid, roles, left_out)
            return
        columns, body = self._headings.headed(grid)
        if any(column.role == "endpoint" for column in columns):
            yield from self._rows_of_studies(document, grid, columns, body)
        elif any(column.role == "arm" for column in columns):
            yield from self._rows_of_endpoints(document, grid, columns, body, left_out)
        elif any(column.role == "effect" for column in columns):
            yield from self._rows_of_factors(document, grid, columns, body)

    def _recommendation_role(self, heading: str) -> str:
        bare = heading.strip()
        read = [
            (found.end(), role)
            for role in ("agreement", "level", "strength", "strategy", "setting")
            if (found := self._columns[role].match(bare))
        ]
        return max(read, key=lambda one: one[0])[1] if read else ""

    def _control(self, arms: Sequence[str | None]) -> int:
        """Which column or row the others are compared with."""
        return control_of([tuple(arm.split(" + ")) if arm else None for arm in arms], self._lexicon.background)

    # -- kinds of tables -----------------------------------------------------------------------------------------------

    def _rows_of_endpoints(
        self,
        document: Document,
        grid: Grid,
        columns: Sequence[Column],
        body: Sequence[tuple[Piece, ...]],
        left_out: Counter[str],
    ) -> Iterator[Draft]:
        caption_grade = next((t.grade for t in tokens(grid.caption) if t.kind == "G"), "")
        counted_everywhere = bool(_COUNTED.search(grid.caption))
        general = self._headings.named(grid.caption)
        topic = self._headings.topic(grid)
        for row in body:
            label, cells = row[0].text, row[1:]
            named = self._headings.named(label)
            if (
                named is None
                and re.match(r"(?:Any|All|任何|任意|总体|所有)(?: |$|[^A-Za-z]|事件)", label)
                and general is not None
                and general.endpoint is not None
                and general.endpoint.event
            ):
                named = general
            if named is None and topic is not None and any(re.search(r"\d", cell.text) for cell in cells):
                named = topic
            if named is None or len(cells) < len(columns) or (named.endpoint and named.endpoint.unit == "ratio"):
                left_out["a table row without an endpoint"] += named is None
                continue
            counted = counted_everywhere or bool(_COUNTED.search(label))
            unit = unit_of(label) or (
                "%" if named.times or (named.endpoint and named.endpoint.unit == "%") else "months"
            )
            by_grade: dict[str, list[tuple[Column, Piece]]] = {}
            for column, cell in zip(columns, cells, strict=False):
                if column.role == "arm":
                    by_grade.setdefault(column.grade if column.grade is not None else caption_grade, []).append(
                        (column, cell)
                    )
            for grade, pairs in by_grade.items():
                values = [(column, cell, read_cell(cell.text, counted)) for column, cell in pairs]
                values = [entry for entry in values if entry[2] is not None]
                if not values:
                    continue
                effect, ci, p = row_statistics(columns, cells)
                if all(entry[0].arm is None for entry in values):  # columns of patients, not of treatments
                    for _, piece, read in values:
                        yield self._draft(
                            document, piece.start, piece.end, grade + named.names[0], read, unit, None, None, None,
                            None, read[1] if read else None, None, None, _kind(named), grid,
                        )  # fmt: skip
                    continue
                control = self._control([entry[0].arm for entry in values]) if len(values) > 1 else -1
                (column, cell, value) = next(entry for index, entry in enumerate(values) if index != control)
                assert value is not None
                other = values[control] if control >= 0 else None
                last = max([cell.end] + ([other[1].end] if other else []))
                yield self._draft(
                    document,
                    min(cell.start, other[1].start) if other else cell.start,
                    last,
                    grade + named.names[0],
                    value,
                    unit,
                    column.arm,
                    other[0].arm if other else None,
                    other[2][0] if other and other[2] else None,
                    effect,
                    ci or value[1],
                    p,
                    None,
                    _kind(named),
                    grid,
                )

    def _rows_of_studies(
        self, document: Document, grid: Grid, columns: Sequence[Column], body: Sequence[tuple[Piece, ...]]
    ) -> Iterator[Draft]:
        figures = [column for column in columns if column.role in ("endpoint", "effect", "P", "n")]
        study: str | None = None
        open_rows: list[tuple[str | None, str, tuple[Piece, ...]]] = []
        for row in body:
            whole = " ".join(piece.text for piece in row)
            mentions = [m for m in self._headings.mentioned(whole) if m.names]
            names = self._frames.names(whole, 0, len(whole))
            if not mentions:
                continue
            cells = after_words(row, mentions[-1].end, grid.delimited)
            if len(cells) > len(figures) and not grid.delimited:
                cells = cells[-len(figures) :]  # a number before them is part of the name of the study
            if names and names[0][0] < mentions[0].start:
                study = names[0][1]
                open_rows.append((study, _merged_arm(mentions), cells))
            elif open_rows and open_rows[-1][0] == study and study is not None:
                yield from self._pair_of_rows(
                    document, grid, figures, open_rows.pop(), (study, _merged_arm(mentions), cells)
                )
            else:
                study = None
                open_rows.append((None, _merged_arm(mentions), cells))
        if len(open_rows) == 2 and not any(name for name, _, _ in open_rows):
            control = self._control([arm for _, arm, _ in open_rows])
            yield from self._pair_of_rows(document, grid, figures, open_rows[1 - control], open_rows[control], body)
            return
        for row_left in open_rows:
            yield from self._pair_of_rows(document, grid, figures, row_left, None)

    def _pair_of_rows(
        self,
        document: Document,
        grid: Grid,
        figures: Sequence[Column],
        first: tuple[str | None, str, tuple[Piece, ...]],
        second: tuple[str | None, str, tuple[Piece, ...]] | None,
        body: Sequence[tuple[Piece, ...]] = (),
    ) -> Iterator[Draft]:
        study, arm, cells = first
        under = p_row(body)
        counted = bool(_COUNTED.search(grid.caption))
        effect, ci, p = row_statistics(figures, cells)
        timed = [
            column
            for column in figures
            if column.named and column.named.endpoint and column.named.endpoint.unit == "time"
        ]
        for place, column in enumerate(figures):
            if column.role != "endpoint" or place >= len(cells) or column.named is None:
                continue
            value = read_cell(cells[place].text, counted)
            if value is None:
                continue
            other = read_cell(second[2][place].text, counted) if second and place < len(second[2]) else None
            from_end = len(figures) - place
            own_p = read_p(under[-from_end].text) if from_end <= len(under) else None
            endpoint = column.named.endpoint
            mine = (bool(timed) and column is timed[-1]) or not timed
            unit = column.unit or ("%" if column.named.times or (endpoint and endpoint.unit == "%") else "months")
            yield self._draft(
                document,
                cells[place].start,
                cells[place].end,
                column.named.names[0],
                value,
                unit,
                arm,
                second[1] if second else None,
                other[0] if other else None,
                effect if mine else None,
                (ci if mine else None) or value[1],
                own_p or (p if mine else None),
                study,
                "efficacy",
                grid,
            )

    def _rows_of_factors(
        self, document: Document, grid: Grid, columns: Sequence[Column], body: Sequence[tuple[Piece, ...]]
    ) -> Iterator[Draft]:
        named = self._headings.named(grid.caption)
        if named is None:
            return
        for row in body:
            cells = row[1:]
            for place, column in enumerate(columns):
                if column.role != "effect" or place >= len(cells):
                    continue
                value = read_cell(cells[place].text, False)
                if value is None or value[1] is None:
                    continue
                after = columns[place + 1] if place + 1 < len(columns) else None
                p = read_p(cells[place + 1].text) if after and after.role == "P" and place + 1 < len(cells) else None
                yield self._draft(
                    document,
                    cells[place].start,
                    cells[place + 1].end if p else cells[place].end,
                    named.names[0],
                    None,
                    None,
                    None,
                    None,
                    None,
                    Effect(column.measure, value[0]) if value[0] is not None else None,
                    value[1],
                    p,
                    None,
                    "prognosis",
                    grid,
                )

    def _recommended(
        self, document: Document, grid: Grid, roles: Sequence[str], left_out: Counter[str]
    ) -> Iterator[Draft]:
        """A row is a recommendation; a grading table, whose rows name only grades, gives none."""
        for row in grid.rows[1:]:
            cells = {role: piece for role, piece in zip(roles, row, strict=False) if role}
            strategy = cells.get("strategy")
            if strategy is None or not strategy.text:
                left_out["a row of a grading table"] += 1
                continue
            grade = self._recommendations.grades.grade(
                "; ".join(
                    f"{name}: {cells[role].text}"
                    for role, name in (("level", "level"), ("strength", "strength"))
                    if role in cells
                )
            )
            strength = grade.strength or (
                self._recommendations.grades.cell(cells["strength"].text, "strength") if "strength" in cells else None
            )
            strength = strength or _strength(cells.get("strength"))
            vote = re.search(NUMBER, cells["agreement"].text) if "agreement" in cells else None
            agreement = Decimal(vote[0]) if vote else None
            mentions = [m for m in self._headings.mentioned(strategy.text) if m.names]
            last = row[-1].end
            line = self._frames.line(cells["setting"].text) if "setting" in cells else None
            yield Draft(
                source=document.name,
                start=strategy.start,
                end=last,
                quote=document.text[strategy.start : last],
                rule="table of recommendations",
                kind="consensus_vote" if agreement is not None else "recommendation",
                endpoint="expert_agreement" if agreement is not None else "recommendation",
                value=agreement,
                unit="%" if agreement is not None else None,
                printed=f"{agreement}%" if agreement is not None else None,
                intervention=_merged_arm(mentions) if mentions else None,
                population=Population(line=line, other=cells["setting"].text if "setting" in cells else None),
                strategy=strategy.text,
                strength=strength,
                level=grade.level,
                agreement=agreement,
                section=grid.caption[:40].strip() or None,
            )

    def _draft(
        self,
        document: Document,
        start: int,
        end: int,
        endpoint: str,
        value: tuple[Decimal | None, Interval | None, str] | None,
        unit: str | None,
        arm: str | None,
        other_arm: str | None,
        other: Decimal | None,
        effect: Effect | None,
        ci: Interval | None,
        p: PValue | None,
        study: str | None,
        kind: str,
        grid: Grid,
    ) -> Draft:
        shown = value[2] if value else str(effect.value) if effect else None
        return Draft(
            source=document.name,
            start=start,
            end=end,
            quote=document.text[start:end],
            rule="table",
            kind=kind,
            endpoint=endpoint,
            value=value[0] if value else None,
            value_qualifier="not_reached" if value and value[0] is None else None,
            printed=f"{shown}%" if unit == "%" and value and value[0] is not None else shown,
            unit=unit,
            intervention=arm,
            comparator=other_arm,
            comparator_value=other,
            effect=effect,
            ci=ci,
            p=p,
            study=study,
            section=grid.caption[:40].strip() or None,
            population=Population(line=self._frames.line(grid.caption)),
        )


def _kind(named: Named) -> str:
    return "safety" if named.endpoint and named.endpoint.event else "efficacy"


def _strength(cell: Piece | None) -> str | None:
    if cell is None or not cell.text:
        return None
    return cell.text if len(cell.text) <= 3 else cell.text.lower()


def _merged_arm(mentions: Sequence[Mentioned]) -> str:
    """All that one cell names: ``紫杉醇/白蛋白紫杉醇`` are alternatives, the rest goes together."""
    names = list(mentions[0].names)
    for mention in mentions[1:]:
        names += [name for name in mention.names if name not in names]
    return " + ".join(names)


__all__ = ["Endpoint", "TableReader"]
