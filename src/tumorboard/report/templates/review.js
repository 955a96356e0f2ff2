"use strict";
// Decisions on drafts: kept in this browser, saved as files. The two functions that make an entry (`corrected`, `claimOf`) and
// the one that writes it (`fileOf`) do what tumorboard/reading/entries.py and accepting.py do; a test holds them against each other.
(() => {
  const review = JSON.parse(document.getElementById("data").textContent);
  const { numbers, whole, words } = review.form;
  const cards = [...document.querySelectorAll("article.draft")];
  const store = `tumorboard.review ${review.document.sha256} ${cards.length}`;
  let decisions = load();
  let now = 0;

  function load() {
    try { return JSON.parse(localStorage.getItem(store)) || {}; } catch { return {}; }
  }

  function keep() {
    try { localStorage.setItem(store, JSON.stringify(decisions)); } catch { /* a browser that keeps nothing: the files are the record */ }
  }

  // -- what an entry becomes ----------------------------------------------------------------------------------------

  function corrected(entry, fields) {
    const changed = structuredClone(entry);
    for (const [path, text] of Object.entries(fields)) {
      let value = text.trim() || null;
      if (value !== null && numbers.includes(path)) value = figure(path, value);
      else if (value !== null && whole.includes(path)) value = wholeNumber(path, value);
      const [outer, inner] = path.split(".");
      if (inner) (changed[outer] ??= {})[inner] = value;
      else changed[outer] = value;
    }
    const kept = withoutNothing(changed);
    if (!Object.keys(fields).some((path) => path.startsWith("claim."))) kept.claim = claimOf(kept);
    return kept;
  }

  function figure(path, text) {
    const sides = /^(-?\d+(?:\.\d+)?)(?:\s*[-~–～]\s*(\d+(?:\.\d+)?))?$/.exec(text);
    if (!sides || (sides[2] && path !== "value")) throw new Error(`${text} ${words["no number"]}`);
    return sides[2] ? [sides[1], sides[2]] : sides[1];
  }

  function wholeNumber(path, text) {
    if (!/^\d+$/.test(text)) throw new Error(`${text} ${words["no number"]}`);
    return Number(text);
  }

  function withoutNothing(entry) {
    const kept = {};
    for (const [key, value] of Object.entries(entry)) {
      const inner = value && typeof value === "object" && !Array.isArray(value) ? withoutNothing(value) : value;
      const nothing = inner === null || (typeof inner === "object" && Object.keys(inner).length === 0);
      if (!nothing) kept[key] = inner;
    }
    return kept;
  }

  function claimOf(entry) {
    return { en: claim(entry, false), zh: claim(entry, true) };
  }

  function claim(entry, chinese) {
    const unit = !entry.unit ? "" : entry.unit === "%" || chinese ? entry.unit : ` ${entry.unit}`;
    const value = Array.isArray(entry.value) ? entry.value.join("-") : entry.value;
    const shown = value ? `${value}${unit}` : entry.printed || "";
    let head = `${entry.endpoint || entry.kind} ${shown}`.trim();
    if (entry.intervention) head += chinese ? `，${entry.intervention}` : ` with ${entry.intervention}`;
    const other = entry.comparator_value || "";
    if (other || entry.comparator) {
      head += `${chinese ? "比" : " vs "}${entry.comparator || ""}${entry.comparator && other ? " " : ""}${other}`;
    }
    const parts = [head];
    if (entry.effect) parts.push(`${entry.effect.measure} ${entry.effect.value}`);
    if (entry.ci) parts.push(`${entry.ci.level}% CI ${entry.ci.low}-${entry.ci.high}`);
    if (entry.p) parts.push(`P${entry.p.op}${entry.p.value}`);
    return parts.join(chinese ? "；" : "; ");
  }

  // -- files --------------------------------------------------------------------------------------------------------

  function scalar(value, path) {
    if (Array.isArray(value)) return `[${value.map((one) => scalar(one, path)).join(", ")}]`;
    if (typeof value === "string" && numbers.includes(path.replace(/^(right|read)\./, ""))) return value;
    return JSON.stringify(value);
  }

  function* linesOf(entry, path, indent) {
    for (const [key, value] of Object.entries(entry)) {
      if (value && typeof value === "object" && !Array.isArray(value)) {
        yield `${indent}${key}:`;
        yield* linesOf(value, `${path}${key}.`, `${indent}  `);
      } else yield `${indent}${key}: ${scalar(value, path + key)}`;
    }
  }

  function fileOf(schema, name, entries) {
    if (!entries.length) return `schema: ${schema}\n${name}: []\n`;
    const lines = [`schema: ${schema}`, `${name}:`];
    for (const entry of entries) {
      const [first, ...rest] = linesOf(entry, "", "    ");
      lines.push(`  - ${first.slice(4)}`, ...rest);
    }
    return `${lines.join("\n")}\n`;
  }

  function decided() {
    return Object.entries(decisions).map(([draft, decision]) => ({ draft: Number(draft), ...decision })).sort((a, b) => a.draft - b.draft);
  }

  function findings() {
    return decided().filter((one) => one.verdict !== "reject").map((one) => {
      const { entry } = review.drafts[one.draft];
      return one.verdict === "correct" ? corrected(entry, one.fields) : entry;
    });
  }

  function corrections() {
    const keys = ["endpoint", "value", "unit", "intervention", "comparator", "comparator_value", "effect", "ci", "p", "level"];
    const said = (entry) => Object.fromEntries(keys.filter((key) => key in entry).map((key) => [key, entry[key]]));
    return decided().filter((one) => one.verdict !== "accept").map((one) => {
      const { entry } = review.drafts[one.draft];
      const right = one.verdict === "correct" ? said(corrected(entry, one.fields)) : null;
      return { quote: entry.quote, verdict: one.verdict, read: said(entry), right, understood: false };
    });
  }

  function save(name, type, text) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  // -- the page -----------------------------------------------------------------------------------------------------

  function show() {
    cards.forEach((card, index) => {
      const verdict = decisions[index]?.verdict;
      for (const button of card.querySelectorAll("[data-verdict]")) button.setAttribute("aria-pressed", String(button.dataset.verdict === verdict));
      card.querySelector(".decided").textContent = verdict ? words[verdict] : "";
    });
    const done = Object.keys(decisions).length;
    document.getElementById("progress").textContent = words.progress.replace("{done}", done).replace("{all}", cards.length);
  }

  function decide(index, verdict, fields) {
    decisions[index] = fields ? { verdict, fields } : { verdict };
    keep();
    show();
  }

  function undo(index) {
    delete decisions[index];
    keep();
    show();
  }

  function go(index, focus = true) {
    if (!cards.length) return;
    now = Math.max(0, Math.min(index, cards.length - 1));
    cards.forEach((card, at) => card.classList.toggle("now", at === now));
    const marked = [...document.querySelectorAll("[data-drafts]")].filter((mark) => mark.dataset.drafts.split(" ").includes(String(now + 1)));
    for (const mark of document.querySelectorAll(".mark.now, .spot.now")) mark.classList.remove("now");
    for (const mark of marked) mark.classList.add("now");
    const panel = document.getElementById("document");
    if (marked.length) panel.scrollTop += marked[0].getBoundingClientRect().top - panel.getBoundingClientRect().top - panel.clientHeight / 3;
    if (focus) cards[now].focus();
  }

  function correct(index, open) {
    const card = cards[index];
    card.querySelector("form").hidden = !open;
    card.querySelector("[data-verdict=correct]").setAttribute("aria-expanded", String(open));
    if (open) card.querySelector("form input").focus();
    else card.focus();
  }

  function submitted(index, form) {
    const { entry } = review.drafts[index];
    const fields = {};
    for (const input of form.querySelectorAll("input")) if (input.value !== input.defaultValue) fields[input.name] = input.value;
    const problem = form.querySelector(".problem");
    try {
      const result = corrected(entry, fields);
      for (const name of ["printed", "comparator_printed"]) {
        if (result[name] && !entry.quote.includes(result[name])) throw new Error(`${result[name]} ${words["not in quote"]}`);
      }
    } catch (error) {
      problem.textContent = error.message;
      return;
    }
    problem.textContent = "";
    decide(index, "correct", fields);
    correct(index, false);
  }

  cards.forEach((card, index) => {
    card.querySelector(".verdicts").hidden = false;
    const saved = decisions[index]?.fields || {};
    for (const [path, text] of Object.entries(saved)) card.querySelector(`[name="${path}"]`).value = text;
    card.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (index !== now) go(index, false);
      if (!button) return;
      if (button.dataset.verdict === "correct") correct(index, card.querySelector("form").hidden);
      else if (button.dataset.verdict) decide(index, button.dataset.verdict);
      else if ("cancel" in button.dataset) correct(index, false);
    });
    card.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      submitted(index, event.target);
    });
    card.querySelector(".to-text").addEventListener("click", (event) => {
      event.preventDefault();
      go(index);
    });
  });

  for (const mark of document.querySelectorAll("[data-drafts]")) {
    mark.addEventListener("click", (event) => {
      event.preventDefault();
      go(Number(mark.getAttribute("href").slice(2)) - 1);
    });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.closest("form")) { correct(now, false); return; }
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!plain || !document.getElementById("shortcuts").checked || event.target.closest("input, textarea, select")) return;
    const act = {
      j: () => go(now + 1), k: () => go(now - 1),
      a: () => { decide(now, "accept"); go(now + 1); }, r: () => { decide(now, "reject"); go(now + 1); },
      c: () => correct(now, true), u: () => undo(now),
    }[event.key];
    if (act && cards.length) { event.preventDefault(); act(); }
  });

  const name = review.document.source;
  document.getElementById("save-findings").addEventListener("click", () => save(`${name}-read.yaml`, "application/yaml", fileOf("tumorboard.evidence/1", "findings", findings())));
  document.getElementById("save-corrections").addEventListener("click", () => save(`${name}-corrections.yaml`, "application/yaml", fileOf("tumorboard.reading-corrections/1", "corrections", corrections())));
  document.getElementById("save-review").addEventListener("click", () => save(`${name}.review.json`, "application/json", JSON.stringify({ schema: review.schema, document: review.document, drafts: review.drafts, decisions: decided() }, null, 1)));

  document.getElementById("bar").hidden = false;
  show();
  go(0, false);
})();
