"""Results and recommendations printed in tables: columns by their heading, rows by what they name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tumorboard.evidence.findings import Effect, Interval, Population, PValue
from tumorboard.folder import KnowledgeFolder
from tumorboard.reading.arms import ArmReader, Mentioned
from tumorboard.reading.comparing import control_of
from tumorboard.reading.document import Document
from tumorboard.reading.draft import Draft
from tumorboard.reading.frame import FrameReader
from tumorboard.reading.lexer import number, tokens
from tumorboard.reading.lexicon import Endpoint, Lexicon, any_of
from tumorboard.reading.naming import named_in
from tumorboard.reading.recommendations import RecommendationReader
from tumorboard.reading.results import Named
from tumorboard.reading.table_rows import Grid, Piece, grids

_NUMBER = r"\d+(?:\.\d+)?"
_FIRST = re.compile(
    rf"\s*(?P<sign>[<>≤≥]?) ?(?P<value>{_NUMBER}) ?%?(?: ?[(\[] ?(?P<in>{_NUMBER}) ?%?(?: ?(?:-|~|to"
    rf"|,) ?(?P<high>{_NUMBER}|NE|NR|NA)%?)?[^)\]]*[)\]])?"
)
_P_CELL = re.compile(rf"\s*(?:[Pp] ?)?(?P<op>[<>=]?) ?(?P<value>0?\.\d+|{_NUMBER})")
_COUNTED = re.compile(r"n ?[(,] ?%|例 ?[(] ?%|No\. ?\(%\)")
_P_HEADING = re.compile(r"^[Pp](?: ?值|[- ]?value)?$")
_EFFECT_HEADING = re.compile(r"(?<![A-Za-z])(a?HR|OR|RR|hazard ratio|风险比|危险比)(?![A-Za-z])", re.IGNORECASE)
_MEASURE = {"风险比": "HR", "危险比": "HR", "hazard ratio": "HR"}
_EFFECT_IN_CELL = re.compile(r" ?(HR|OR|RR|风险比) ?[=:]? ?(?=\d)")
_N_HEADING = re.compile(r"^(?:n|N|例数|No\.|patients|病例数|样本量)$")
_PATIENTS = re.compile(r"[nN] ?= ?\d+|\d+ ?例|组$")
_OPTION = re.compile(r"[(]([ⅠⅡⅢⅣⅤIV]{1,4})[)]$")
_UNITS = (
    ("%", "%"),
    ("months", "months"),
    ("个月", "months"),
    ("月", "months"),
    ("mo", "months"),
    ("weeks", "weeks"),
    ("周", "weeks"),
    ("年", "years"),
)


@dataclass(slots=True)
class _Column:
    """What a column holds: ``arm``, ``endpoint``, ``P``, ``effect``, ``n`` or a part of a recommendation."""

    role: str
    arm: str | None = None
    named: Named | None = None
    unit: str | None = None
    measure: str = "HR"
    grade: str | None = None


class TableReader:
    def __init__(self, folder: KnowledgeFolder, lexicon: Lexicon, recommendations: RecommendationReader) -> None:
        columns = folder.read("reading/recommendations.yaml")["columns"]
        self._columns = {role: re.compile(rf"(?:{any_of(words)})", re.IGNORECASE) for role, words in columns.items()}
        self._lexicon, self._recommendations = lexicon, recommendations
        self._arms, self._frames = ArmReader(lexicon), FrameReader(lexicon)

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
        grid = _split_statements(grid, self._recommendation_role)
        header = grid.rows[0]
        roles = [self._recommendation_role(piece.text) for piece in header]
        if sum(role in ("strength", "level", "agreement") for role in roles) >= 2:
            yield from self._recommended(document, grid, roles, left_out)
            return
        columns, body = self._headed(grid)
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

    # -- headings ------------------------------------------------------------------------------------------------------

    def _headed(self, grid: Grid) -> tuple[list[_Column], list[tuple[Piece, ...]]]:
        """The columns after the first, and the rows under the heading."""
        rows = list(grid.rows)
        width = Counter(len(row) for row in rows[1:]).most_common(1)[0][0] - 1
        text = (
            " | ".join(piece.text for piece in rows[0]) if grid.delimited else " ".join(piece.text for piece in rows[0])
        )
        columns = [self._column(piece.text) for piece in rows[0][1:]] if grid.delimited else self._undelimited(text)
        body = rows[1:]
        if (
            body
            and (grades := [token.grade for token in tokens(" ".join(p.text for p in body[0])) if token.kind == "G"])
            and len(grades) >= 2
        ):
            named = [column for column in columns if column.role == "arm"]
            if len(named) and len(grades) == len(named) * (len(grades) // len(named)):
                each = len(grades) // len(named)
                columns = [
                    _Column("arm", column.arm, grade=grades[index * each + place])
                    for index, column in enumerate(named)
                    for place in range(each)
                ]
                body = body[1:]
        del width
        return columns, body

    def _column(self, heading: str) -> _Column:
        bare = heading.strip()
        if _P_HEADING.match(bare):
            return _Column("P")
        if found := _EFFECT_HEADING.search(bare):
            return _Column("effect", measure=_MEASURE.get(found[1].lower(), found[1].upper().removeprefix("A")))
        if _N_HEADING.match(bare):
            return _Column("n")
        if (named := self._named(bare)) is not None:
            return _Column("endpoint", named=named, unit=_unit(bare))
        mentioned = self._mentioned(bare)
        if mentioned:
            return _Column("arm", arm=_arm(next((m for m in mentioned if m.names), mentioned[0])))
        return _Column("arm") if _PATIENTS.search(bare) else _Column("")

    def _undelimited(self, text: str) -> list[_Column]:
        """Headings in one line: arms where they are named, other columns by their words, in the order printed."""
        spots: list[tuple[int, _Column]] = []
        mentions = self._mentioned(text)
        for place, mention in enumerate(mentions):
            if (
                place
                and mentions[place - 1].label
                and re.fullmatch(r" ?[(（]", text[mentions[place - 1].end : mention.start])
            ):
                spots.pop()  # "试验组（A+B）": one column
            spots.append((mention.start, _Column("arm", arm=_arm(mention))))
        for found in _EFFECT_HEADING.finditer(text):
            spots.append((found.start(), _Column("effect", measure=found[1].upper())))
        for found in re.finditer(r"(?<![A-Za-z])[Pp](?: ?值|(?= |$))", text):
            spots.append((found.start(), _Column("P")))
        for found in re.finditer(r"例数|病例数", text):
            spots.append((found.start(), _Column("n")))
        reach = 0
        for spot in self._lexicon.mentions(text):
            if spot.kind == "endpoint":
                named = self._named(text[max(reach, spot.start - 8) : spot.end])
                unit = _unit(text[spot.end : spot.end + 4])
                spots.append((spot.start, _Column("endpoint", named=named, unit=unit)))
                reach = spot.end
        spots.sort(key=lambda place: place[0])
        kinds = [column.role for _, column in spots]
        if kinds.count("endpoint") == kinds.count("arm") > 1:  # one endpoint, in the heading of each arm
            names = {column.named.names for _, column in spots if column.named}
            spots = [spot for spot in spots if len(names) > 1 or spot[1].role != "endpoint"]
        return [column for _, column in spots]

    def _topic(self, grid: Grid) -> Named | None:
        """The endpoint every row of a table of subgroups is about: the only one its caption and heading name."""
        text = f"{grid.caption} " + " ".join(piece.text for piece in grid.rows[0])
        mentions = [m for m in self._lexicon.mentions(text) if m.kind == "endpoint"]
        if len({m.name for m in mentions}) != 1:
            return None
        named = self._named(text)
        return named if named and named.endpoint and not named.endpoint.event else None

    def _named(self, text: str) -> Named | None:
        mentions = [m for m in self._lexicon.mentions(text) if m.kind == "endpoint"]
        if not mentions:
            return None
        named, _ = named_in(text, mentions[:1], tokens(text), self._lexicon, 0, len(text))
        return named[0] if named else None

    def _mentioned(self, text: str) -> list[Mentioned]:
        return [m for m in self._arms.read(text, self._lexicon.mentions(text)) if m.names or m.label]

    def _control(self, arms: Sequence[str | None]) -> int:
        """Which column or row the others are compared with."""
        return control_of([tuple(arm.split(" + ")) if arm else None for arm in arms], self._lexicon.background)

    # -- kinds of tables -----------------------------------------------------------------------------------------------

    def _rows_of_endpoints(
        self,
        document: Document,
        grid: Grid,
        columns: Sequence[_Column],
        body: Sequence[tuple[Piece, ...]],
        left_out: Counter[str],
    ) -> Iterator[Draft]:
        caption_grade = next((t.grade for t in tokens(grid.caption) if t.kind == "G"), "")
        counted_everywhere = bool(_COUNTED.search(grid.caption))
        general = self._named(grid.caption)
        topic = self._topic(grid)
        for row in body:
            label, cells = row[0].text, row[1:]
            named = self._named(label)
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
            unit = _unit(label) or ("%" if named.times or (named.endpoint and named.endpoint.unit == "%") else "months")
            by_grade: dict[str, list[tuple[_Column, Piece]]] = {}
            for column, cell in zip(columns, cells, strict=False):
                if column.role == "arm":
                    by_grade.setdefault(column.grade if column.grade is not None else caption_grade, []).append(
                        (column, cell)
                    )
            for grade, pairs in by_grade.items():
                values = [(column, cell, _read_cell(cell.text, counted)) for column, cell in pairs]
                values = [entry for entry in values if entry[2] is not None]
                if not values:
                    continue
                effect, ci, p = _row_statistics(columns, cells)
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
        self, document: Document, grid: Grid, columns: Sequence[_Column], body: Sequence[tuple[Piece, ...]]
    ) -> Iterator[Draft]:
        figures = [column for column in columns if column.role in ("endpoint", "effect", "P", "n")]
        study: str | None = None
        open_rows: list[tuple[str | None, str, tuple[Piece, ...]]] = []
        for row in body:
            whole = " ".join(piece.text for piece in row)
            mentions = [m for m in self._mentioned(whole) if m.names]
            names = self._frames.names(whole, 0, len(whole))
            if not mentions:
                continue
            cells = _after_words(row, mentions[-1].end, grid.delimited)
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
        figures: Sequence[_Column],
        first: tuple[str | None, str, tuple[Piece, ...]],
        second: tuple[str | None, str, tuple[Piece, ...]] | None,
        body: Sequence[tuple[Piece, ...]] = (),
    ) -> Iterator[Draft]:
        study, arm, cells = first
        under = _p_row(body)
        counted = bool(_COUNTED.search(grid.caption))
        effect, ci, p = _row_statistics(figures, cells)
        timed = [
            column
            for column in figures
            if column.named and column.named.endpoint and column.named.endpoint.unit == "time"
        ]
        for place, column in enumerate(figures):
            if column.role != "endpoint" or place >= len(cells) or column.named is None:
                continue
            value = _read_cell(cells[place].text, counted)
            if value is None:
                continue
            other = _read_cell(second[2][place].text, counted) if second and place < len(second[2]) else None
            from_end = len(figures) - place
            own_p = _read_p(under[-from_end].text) if from_end <= len(under) else None
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
        self, document: Document, grid: Grid, columns: Sequence[_Column], body: Sequence[tuple[Piece, ...]]
    ) -> Iterator[Draft]:
        named = self._named(grid.caption)
        if named is None:
            return
        for row in body:
            cells = row[1:]
            for place, column in enumerate(columns):
                if column.role != "effect" or place >= len(cells):
                    continue
                value = _read_cell(cells[place].text, False)
                if value is None or value[1] is None:
                    continue
                after = columns[place + 1] if place + 1 < len(columns) else None
                p = _read_p(cells[place + 1].text) if after and after.role == "P" and place + 1 < len(cells) else None
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
            grade = self._recommendations.grade(
                "; ".join(
                    f"{name}: {cells[role].text}"
                    for role, name in (("level", "level"), ("strength", "strength"))
                    if role in cells
                )
            )
            strength = grade.strength or (
                self._recommendations.cell(cells["strength"].text, "strength") if "strength" in cells else None
            )
            strength = strength or _strength(cells.get("strength"))
            vote = re.search(_NUMBER, cells["agreement"].text) if "agreement" in cells else None
            agreement = Decimal(vote[0]) if vote else None
            mentions = [m for m in self._mentioned(strategy.text) if m.names]
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


def _split_statements(grid: Grid, role: Callable[[str], str]) -> Grid:
    """Rows printed with single spaces: the grades stand at their ends, what is left is the statement."""
    line = " ".join(piece.text for piece in grid.rows[0]).strip()
    headings = line.split(" ")
    roles = [role(word) for word in headings]
    if (
        grid.delimited
        or sum(name in ("strength", "level", "agreement") for name in roles) < 2
        or "strategy" not in roles
    ):
        return grid
    last = len(roles) - 1 - roles.index("strategy")
    first = roles.index("strategy")
    rows = [tuple(Piece(word, grid.start, grid.start) for word in headings[first:])]
    for row in grid.rows[1:]:
        text = " ".join(piece.text for piece in row)
        words = text.split(" ")
        if len(words) <= last + first or any(len(word) > 12 for word in words[-last:]):
            continue
        cells = [" ".join(words[first:-last]), *words[-last:]]
        start, end = row[0].start, row[-1].end
        lead = len(text) - len(" ".join(words[first:]))
        rows.append(
            (
                Piece(cells[0], start + lead, start + lead + len(cells[0])),
                *(Piece(cell, end - len(cell), end) for cell in cells[1:]),
            )
        )
    return Grid(grid.caption, tuple(rows), True, grid.start, grid.end)


def _kind(named: Named) -> str:
    return "safety" if named.endpoint and named.endpoint.event else "efficacy"


def _strength(cell: Piece | None) -> str | None:
    if cell is None or not cell.text:
        return None
    return cell.text if len(cell.text) <= 3 else cell.text.lower()


def _unit(text: str) -> str | None:
    bare = re.sub(r"\d+ ?(?:%|[ -]?months?|个月|月|年)(?= ?(?:CI|OS|PFS|[-a-z ]*rate|生存))|\d\d% ?CI", "", text)
    return next((unit for word, unit in _UNITS if word in bare), None)


def _arm(mention: Mentioned) -> str | None:
    return mention.text or None


def _merged_arm(mentions: Sequence[Mentioned]) -> str:
    """All that one cell names: ``紫杉醇/白蛋白紫杉醇`` are alternatives, the rest goes together."""
    names = list(mentions[0].names)
    for mention in mentions[1:]:
        names += [name for name in mention.names if name not in names]
    return " + ".join(names)


def _read_cell(text: str, counted: bool) -> tuple[Decimal | None, Interval | None, str] | None:
    """Value, interval and the figure as printed; of a count with its percentage, the percentage."""
    if re.match(r"\s*(?:NR|NE|not reached|未达到)", text):
        return None, None, text.strip()
    found = _FIRST.match(text)
    if found is None:
        return None
    if found["in"] and not found["high"] and (counted or "%" in text):
        return number(found["in"]), None, found["in"]
    high = found["high"]
    ci = (
        Interval(Decimal(95), number(found["in"]), number(high)) if found["in"] and high and high[0].isdigit() else None
    )
    return number(found["value"]), ci, found["value"]


def _read_p(text: str) -> PValue | None:
    found = _P_CELL.match(text)
    return PValue(found["op"] or "=", number(found["value"])) if found else None


def _p_row(body: Sequence[tuple[Piece, ...]]) -> tuple[Piece, ...]:
    """The cells of a row of P values under a table of arms."""
    return next((row[1:] for row in body if _P_HEADING.match(row[0].text.strip())), ())


def _row_statistics(
    columns: Sequence[_Column], cells: Sequence[Piece]
) -> tuple[Effect | None, Interval | None, PValue | None]:
    effect = ci = p = None
    for column, cell in zip(columns, cells, strict=False):
        if column.role == "effect" and (read := _read_cell(cell.text, False)) and read[0] is not None:
            effect, ci = Effect(column.measure, read[0]), read[1]
        elif column.role == "P":
            p = _read_p(cell.text)
        elif column.role == "" and (found := _EFFECT_IN_CELL.match(cell.text)):
            read = _read_cell(cell.text[found.end() :], False)
            if read and read[0] is not None:
                effect, ci = Effect(_MEASURE.get(found[1], found[1]), read[0]), read[1]
    return effect, ci, p


def _after_words(row: tuple[Piece, ...], end: int, delimited: bool) -> tuple[Piece, ...]:
    """The cells of figures of a row: those after the cell that names the regimen."""
    reach = 0
    for index, piece in enumerate(row):
        reach += len(piece.text) + 1
        if reach > end:
            return row[index + 1 :]
    return row[1:]


__all__ = ["Endpoint", "TableReader"]
