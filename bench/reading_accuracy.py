"""How much of what a text says the reader finds: recall and precision against passages annotated by hand.

Run with ``python bench/reading_accuracy.py [FILE|FOLDER …] [-v]``: gold files (``tests/reading/gold``), or without one
sources 000-003 against lung-evidence.yaml of the shared folder.

Matching is one to one and greedy: of all pairs of a draft and a gold record with one endpoint and one value (the effect
or P where no value is printed), those that share most further fields (arm, comparator value, effect, interval, P), then
those nearest in place, are taken first. ``also_right`` readings count as the field itself; an optional record is
neither missed nor is its draft wrong. Any draft without a gold record is wrong. Fields are scored over matched pairs:
recall where the gold prints the field, precision where the
draft does. ``with arm`` needs the arm besides endpoint and value.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.reading.document import Document
from tumorboard.reading.draft import draft_record
from tumorboard.reading.read import ReadingKnowledge, read
from tumorboard.vocabulary.library import Vocabulary

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("TUMORBOARD_SHARED", ROOT.parent / "shared"))
TARGETS = {
    "endpoint + value": (0.90, 0.93),
    "with arm": (0.75, 0.85),
    "HR, CI, P": (0.90, 0.93),
    "grades and votes": (0.95, 0.98),
}
_RATE_YEARS = re.compile(r"_rate_(\d+)y$")
_RECOMMENDED = ("strategy", "strength", "level", "agreement")

Record = Mapping[str, Any]


def document(name: str, text: str) -> Document:
    return Document(name, hashlib.sha256(text.encode()).hexdigest(), "text", text)


def endpoint(name: str | None) -> str | None:
    return _RATE_YEARS.sub(lambda found: f"_rate_{int(found[1]) * 12}mo", name) if name else name


def numbers(value: Any) -> tuple[float, ...] | None:
    if value is None:
        return None
    return tuple(map(float, value)) if isinstance(value, (list, tuple)) else (float(value),)


def arm(name: str | None) -> frozenset[str] | None:
    if name is None:
        return None
    return frozenset(part.strip().lower().removeprefix("anti-") for part in str(name).split(" + "))


def rights(gold: Record, field: str) -> list[Any]:
    return [gold.get(field), *gold.get("also_right", {}).get(field, [])]


def same_value(draft: Record, gold: Record) -> bool:
    if draft["endpoint"] not in [endpoint(name) for name in rights(gold, "endpoint")]:
        return False
    if gold["endpoint"] == "recommendation":
        return same_words(draft["strategy"], gold) and (draft["strength"], draft["level"]) == (
            gold.get("strength"),
            gold.get("level"),
        )
    if numbers(draft["value"]) not in [numbers(value) for value in rights(gold, "value")]:
        return False
    if gold.get("value") is None and gold.get("value_qualifier") != "not_reached":
        return _effect(draft) == _effect(gold) if gold.get("effect") else _p(draft) == _p(gold)
    return (draft.get("statistic") == "difference") == (gold.get("statistic") == "difference")


def same_words(printed: str | None, gold: Record) -> bool:
    if not printed:
        return False
    bare = _bare(printed)
    return any(_bare(right) in bare or bare in _bare(right) for right in rights(gold, "strategy") if right)


def _bare(words: str) -> str:
    return re.sub(r"\s", "", words).lower()


def same_arm(draft: Record, gold: Record) -> bool:
    return arm(draft["intervention"]) in [arm(name) for name in rights(gold, "intervention")]


def _effect(record: Record) -> Any:
    effect = record.get("effect")
    return effect and (str(effect["measure"]).split(" ")[0], float(effect["value"]))


def _ci(record: Record) -> Any:
    ci = record.get("ci")
    return (
        ci and ci.get("low") is not None and ci.get("high") is not None and (float(ci["low"]), float(ci["high"]))
    ) or None


def _p(record: Record) -> Any:
    p = record.get("p")
    return p and (p["op"], float(p["value"]))


def shared_fields(draft: Record, gold: Record) -> int:
    return (
        2 * same_arm(draft, gold)
        + (numbers(draft["comparator_value"]) == numbers(gold.get("comparator_value")))
        + (_effect(draft) == _effect(gold)) + (_ci(draft) == _ci(gold)) + (_p(draft) == _p(gold))
    )  # fmt: skip


def matched(drafts: list[Record], golds: list[Record]) -> list[tuple[int, int]]:
    pairs = [
        (-shared_fields(draft, gold), abs(draft["start"] - gold.get("start", draft["start"])), i, j)
        for i, draft in enumerate(drafts) for j, gold in enumerate(golds) if same_value(draft, gold)
    ]  # fmt: skip
    taken: list[tuple[int, int]] = []
    left, right = set(), set()
    for _, _, i, j in sorted(pairs):
        if i not in left and j not in right:
            left.add(i)
            right.add(j)
            taken.append((i, j))
    return taken


class Score:
    def __init__(self) -> None:
        self.count: Counter[str] = Counter()

    def add(self, what: str, *, hit: int = 0, gold: int = 0, drafted: int = 0) -> None:
        self.count[f"{what} hit"] += hit
        self.count[f"{what} gold"] += gold
        self.count[f"{what} drafted"] += drafted

    def recall(self, what: str) -> float:
        gold = self.count[f"{what} gold"]
        return self.count[f"{what} hit"] / gold if gold else 1.0

    def precision(self, what: str) -> float:
        drafted = self.count[f"{what} drafted"]
        return self.count[f"{what} hit"] / drafted if drafted else 1.0

    def row(self, what: str) -> str:
        hit, gold, drafted = (self.count[f"{what} {part}"] for part in ("hit", "gold", "drafted"))
        recall, precision = self.recall(what), self.precision(what)
        target = TARGETS.get(what)
        aim = f"  aim {target[0]:.2f} / {target[1]:.2f}" if target else ""
        return f"{what:24} recall {recall:.3f} ({hit}/{gold})  precision {precision:.3f} ({hit}/{drafted}){aim}"


def judge(score: Score, drafts: list[Record], golds: list[Record]) -> tuple[list[int], list[int]]:
    pairs = matched(drafts, golds)
    by_draft, by_gold = dict(pairs), {j: i for i, j in pairs}
    for kind, chosen in (("endpoint + value", False), ("grades and votes", True)):
        mine = [
            j
            for j, gold in enumerate(golds)
            if bool(gold.get("strategy") or gold["endpoint"] == "expert_agreement") == chosen
        ]
        must = [j for j in mine if not golds[j].get("optional")]
        own = [
            i
            for i, draft in enumerate(drafts)
            if bool(draft["strategy"]) == chosen and not (i in by_draft and golds[by_draft[i]].get("optional"))
        ]
        if not chosen:
            hits = sum(j in by_gold for j in must)
            score.add(kind, hit=hits, gold=len(must), drafted=len(own))
            arms = sum(j in by_gold and same_arm(drafts[by_gold[j]], golds[j]) for j in must)
            withheld = sum(
                i in by_draft and drafts[i]["intervention"] is None and not same_arm(drafts[i], golds[by_draft[i]])
                for i in own
            )
            score.add("with arm", hit=arms, gold=len(must), drafted=len(own) - withheld)
        else:
            full = sum(j in by_gold and _grades_agree(drafts[by_gold[j]], golds[j]) for j in must)
            score.add(kind, hit=full, gold=len(must), drafted=len(own))
    for i, j in pairs:
        if golds[j].get("strategy"):
            continue
        for field, read_field in (("HR", _effect), ("CI", _ci), ("P", _p)):
            mine, theirs = read_field(drafts[i]), read_field(golds[j])
            for what in (field, "HR, CI, P"):
                score.add(what, hit=bool(theirs and mine == theirs), gold=bool(theirs), drafted=bool(mine))
        mine, theirs = numbers(drafts[i]["comparator_value"]), numbers(golds[j].get("comparator_value"))
        score.add(
            "comparator value",
            hit=theirs is not None and mine == theirs,
            gold=theirs is not None,
            drafted=mine is not None,
        )
    for j in (
        j for j, gold in enumerate(golds) if j not in by_gold and not gold.get("optional") and not gold.get("strategy")
    ):
        for field, read_field in (("HR", _effect), ("CI", _ci), ("P", _p)):
            for what in (field, "HR, CI, P"):
                score.add(what, gold=bool(read_field(golds[j])))
    missed = [j for j, gold in enumerate(golds) if j not in by_gold and not gold.get("optional")]
    return missed, [i for i in range(len(drafts)) if i not in by_draft]


def _grades_agree(draft: Record, gold: Record) -> bool:
    def same(field: str) -> bool:
        right = rights(gold, field)
        return draft[field] in right or (
            draft[field] is not None and any(r is not None and str(r) == str(draft[field]) for r in right)
        )

    agreement = numbers(draft["agreement"]) == numbers(gold.get("agreement"))
    return same("strength") and same("level") and agreement


def gold_passages(paths: Iterable[Path]) -> list[Record]:
    found: list[Record] = []
    for path in paths:
        for file in sorted(path.glob("*.yaml")) if path.is_dir() else [path]:
            found += yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))[
                "passages"
            ]
    return found


_READABLE = {"efficacy", "safety", "prognosis", "consensus_vote"}


def source_passages() -> list[Record]:
    """Sources 000-003 with the records of lung-evidence.yaml a reader of results can be asked for."""
    loaded = yaml.load(
        (SHARED / "knowledge" / "lung-evidence.yaml").read_text(encoding="utf-8"),
        Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),
    )
    found: list[Record] = []
    for path in sorted((SHARED / "sources").glob("00[0-3]_*.txt")):
        text = path.read_text(encoding="utf-8")
        places = [index for index, letter in enumerate(text) if not letter.isspace()]
        results = []
        for record in loaded["records"]:
            if record["seed"] != path.name[:3] or record["record_type"] not in _READABLE | {"biomarker_frequency"}:
                continue
            start, end = record["quote_span"]
            results.append(
                record
                | {
                    "start": places[start],
                    "end": places[end - 1] + 1,
                    "strategy": record["endpoint"] == "expert_agreement" or None,
                }
                | {
                    "agreement": record["value"] if record["endpoint"] == "expert_agreement" else None,
                    "level": None,
                    "strength": None,
                }
                | {
                    "optional": not re.fullmatch(
                        r"ORR|DCR|PFS|OS|DFS|TTP|DOR|.*_rate_.*|expert_agreement", record["endpoint"]
                    )
                }
            )
        found.append({"id": path.stem, "text": text, "results": results})
    return found


def loaded() -> ReadingKnowledge:
    folder = KnowledgeFolder(SHIPPED)
    return ReadingKnowledge.load(folder, Vocabulary.load(folder))


def score_of(passages: Iterable[Record]) -> Score:
    """What the reader finds of the results of ``passages``."""
    knowledge, score = loaded(), Score()
    for passage in passages:
        drafts = read(document(passage["id"], passage["text"]), knowledge).drafts
        judge(score, [draft_record(draft) for draft in drafts], passage["results"])
    return score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("--only")
    options = parser.parse_args()
    knowledge = loaded()
    passages = gold_passages(options.paths) if options.paths else source_passages()
    score, letters, spent = Score(), 0, 0.0
    for passage in passages:
        if options.only and options.only not in passage["id"]:
            continue
        began = time.process_time()
        reading = read(document(passage["id"], passage["text"]), knowledge)
        spent += time.process_time() - began
        letters += len(passage["text"])
        drafts = [draft_record(draft) for draft in reading.drafts]
        missed, extra = judge(score, drafts, passage["results"])
        if options.verbose:
            _print(passage, drafts, missed, extra)
    for what in ("endpoint + value", "with arm", "HR, CI, P", "HR", "CI", "P", "comparator value", "grades and votes"):
        sys.stdout.write(score.row(what) + "\n")
    sys.stdout.write(
        f"{letters} characters in {spent:.2f} s: {letters / 1800 / max(spent, 1e-9):.0f} Chinese pages a second\n"
    )


def _print(passage: Record, drafts: list[Record], missed: list[int], extra: list[int]) -> None:
    golds = passage["results"]
    sys.stdout.write(f"## {passage['id']}\n")
    for i, j in matched(drafts, golds):
        if wrong := "; ".join(_differences(drafts[i], golds[j])):
            sys.stdout.write(f"   ~ {_short(drafts[i])}: {wrong}\n")
    for j in missed:
        sys.stdout.write(f"   - {_short(golds[j])}\n")
    for i in extra:
        sys.stdout.write(f"   + {_short(drafts[i])} ({drafts[i]['rule']}) {drafts[i]['quote'][:50]!r}\n")


def _differences(draft: Record, gold: Record) -> Iterable[str]:
    if not same_arm(draft, gold):
        yield f"arm {draft['intervention']!r} for {gold.get('intervention')!r}"
    for name, field in (("effect", _effect), ("interval", _ci), ("P", _p)):
        if field(draft) != field(gold):
            yield f"{name} {field(draft)} for {field(gold)}"
    if numbers(draft["comparator_value"]) != numbers(gold.get("comparator_value")):
        yield f"comparator value {draft['comparator_value']} for {gold.get('comparator_value')}"
    if gold.get("strategy") and not _grades_agree(draft, gold):
        yield f"grade {draft['strength']} {draft['level']} for {gold.get('strength')} {gold.get('level')}"


def _short(record: Record) -> str:
    fields = ("endpoint", "value", "unit", "intervention", "comparator_value", *_RECOMMENDED)
    told = [str(record[name]) for name in fields if record.get(name) is not None]
    return " | ".join([*told, str(_effect(record) or "")])


if __name__ == "__main__":
    main()
