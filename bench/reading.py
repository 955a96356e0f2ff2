"""How fast documents are read: the text layer, text and PDF files with their drafts, recognition, and memory.

Made-up papers of a fixed seed. Process time of one core; a page of text is 2,000 characters. ``--no-ocr`` leaves out
the recognition, which takes longest.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.reading.layer import layer_of
from tumorboard.reading.loading import Limits, load
from tumorboard.reading.read import ReadingKnowledge, read

SEED = 20260301
PAGE = 2_000
PAPERS = Path(__file__).parent.parent / "tests" / "reading"
SENTENCES = (
    "一项Ⅱ期研究［{c}］纳入{n}例晚期 NSCLC 患者，采用奥希替尼治疗，客观缓解率（ORR）为 {a}%，中位 PFS 为 {m} 个月。",
    "与化疗组相比，试验组的中位总生存期为 {m} 个月 vs. {k} 个月（HR=0.{h}，95%CI 0.{l}～0.{u}，P＜0.001）。",
    "绝大多数专家（{v}%）推荐，难治性 SCLC 二线治疗可选择化疗方案（证据水平：Ⅱ级）。",
    "安全性方面，3级及以上不良反应的发生率为{a}%，主要为皮疹和腹泻，与既往报道一致，未见新的安全性信号。",
    "H ER 2 突变在亚裔、女性、不吸烟的腺癌患者中更为常见，其检测方法和临床意义仍有待进一步研究[{c}-{d}]。",
)


def paper(characters: int, chance: random.Random) -> list[str]:
    """Paragraphs of a made-up review."""
    paragraphs: list[str] = []
    while sum(map(len, paragraphs)) < characters:
        figures = {name: chance.randint(11, 88) for name in "anmkvdu"} | {"h": chance.randint(40, 60), "l": 31, "c": 12}
        paragraphs.append("".join(chance.choice(SENTENCES).format(**figures) for _ in range(4)))
    return paragraphs


def seconds(work: Callable[[], object]) -> float:
    work()
    start = time.process_time()
    work()
    return time.process_time() - start


def row(what: str, measured: str, target: str) -> None:
    sys.stdout.write(f"| {what} | {measured} | {target} |\n")


def printed(paragraphs: list[str]) -> bytes:
    """The paragraphs as a two-column PDF with running headers."""
    sys.path.insert(0, str(PAPERS))
    from printed import Paper

    made = Paper(columns=2, header="虚构杂志")
    made.prose(*paragraphs)
    return bytes(made.bytes())


def recognition(raw: bytes, folder: Path) -> tuple[float, float]:
    """Processor seconds a page for the engine alone and for reading a scan by it, the pixels the same."""
    import io

    import pypdfium2
    from rapidocr import RapidOCR

    from tumorboard.reading.ocr import DOTS_PER_INCH, Recogniser

    pages = [pypdfium2.PdfDocument(raw)[number].render(scale=DOTS_PER_INCH / 72).to_pil() for number in range(1)]
    file = io.BytesIO()
    pages[0].save(file, "PDF", save_all=True, append_images=pages[1:], resolution=DOTS_PER_INCH, quality=95)
    scan = folder / "scan.pdf"
    scan.write_bytes(file.getvalue())
    engine: Any = RapidOCR(params={"Global.use_cls": False, "Global.log_level": "error"})
    made = Recogniser()
    pixels = [
        page.render(scale=DOTS_PER_INCH / 72).to_numpy()[:, :, :3] for page in pypdfium2.PdfDocument(file.getvalue())
    ]
    alone, whole = [], []
    for _ in range(2):
        start = time.process_time()
        for picture in pixels:
            engine(picture, use_cls=False)
        alone.append(time.process_time() - start)
        start = time.process_time()
        load(scan, Limits(), lambda: made)
        whole.append(time.process_time() - start)
    return min(alone) / len(pixels), min(whole) / len(pixels)


def main() -> None:
    chance = random.Random(SEED)
    known = Knowledge.load()
    reading = ReadingKnowledge.load(known.folder, known.vocabulary)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paragraphs = paper(20 * PAGE, chance)
        text = folder / "paper.txt"
        text.write_text("\n".join(paragraphs), encoding="utf-8")
        document = load(text, Limits())
        pages = len(document.text) / PAGE
        sys.stdout.write("| what | measured | target |\n|---|---|---|\n")
        layer = seconds(lambda: layer_of(document))
        row("text layer alone, a core", f"{pages / layer:.0f} pages/s", "≥ 200 pages/s")
        row(
            "text file with its drafts, a core",
            f"{pages / seconds(lambda: read(load(text, Limits()), reading)):.0f} pages/s",
            "≥ 40 pages/s",
        )
        raw = printed(paragraphs)
        pdf = folder / "paper.pdf"
        pdf.write_bytes(raw)
        leaves = len({page.number for page in load(pdf, Limits()).pages})
        opened = seconds(lambda: load(pdf, Limits()))
        row("born-digital PDF, its text alone, a core", f"{leaves / opened:.0f} pages/s", "–")
        whole = seconds(lambda: read(load(pdf, Limits()), reading))
        row("born-digital PDF with its drafts, a core", f"{leaves / whole:.0f} pages/s", "≥ 15 pages/s")
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        row("memory so far (no recognition)", f"{memory:.0f} MiB", "≤ 1,024 MiB")
        if "--no-ocr" not in sys.argv:
            alone, with_reading = recognition(raw, folder)
            row(
                f"scan, reading against the engine alone ({alone:.2f} s a page)",
                f"{with_reading / alone:.2f} times",
                "≤ 1.3 times",
            )


if __name__ == "__main__":
    main()
