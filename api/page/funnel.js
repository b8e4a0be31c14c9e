// The funnel: everything -> candidates -> ranked -> packed -> tokens, each as wide as its order of magnitude.

import { at, make, number, time } from "./dom.js";

const LEVELS = [
  { id: "passages", name: "passages", says: "everything", stages: [] },
  { id: "candidates", name: "candidates", says: "retrieved", stages: ["encode", "retrieve"] },
  { id: "ranked", name: "ranked", says: "every candidate read", stages: ["scan", "again", "feedback", "select", "join"] },
  { id: "packed", name: "packed", says: "into the window", stages: ["pack"] },
  { id: "tokens", name: "tokens", says: "the reader reads", stages: ["generate"] },
];

const power = (count) => [...String(Math.floor(Math.log10(Math.max(1, count))))].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("");

export class Funnel {
  constructor() {
    this.rows = new Map();
    at("levels").replaceChildren(...LEVELS.map((level) => this.row(level)));
    this.reset(0);
  }

  row(level) {
    const parts = {
      bar: make("span", { class: "width", "aria-hidden": "true" }),
      count: make("strong", { class: "figure" }),
      took: make("span", { class: "took" }),
      says: make("span", { class: "says" }, level.says),
    };
    const item = make("li", { "data-level": level.id, "data-state": "idle" },
      make("span", { class: "track", "aria-hidden": "true" }, parts.bar),
      make("span", { class: "what" }, parts.count, " ", make("span", {}, level.name)),
      parts.says, parts.took);
    this.rows.set(level.id, { item, ...parts });
    return item;
  }

  /** Begin again over so many passages. */
  reset(passages) {
    this.all = passages;
    this.most = Math.max(1000, passages);
    this.times = {};
    for (const { id, says } of LEVELS) {
      this.show(id, null, "idle");
      this.rows.get(id).says.textContent = says;
    }
    if (passages) this.show("passages", passages, "done");
  }

  show(id, count, state) {
    const { item, bar, count: figure, took } = this.rows.get(id);
    item.dataset.state = state;
    if (count === null) {
      figure.textContent = "–";
      took.textContent = "";
      bar.style.setProperty("--share", "0");
    } else {
      figure.textContent = number(count);
      bar.style.setProperty("--share", String(Math.max(0.06, Math.log10(Math.max(1, count) + 1) / Math.log10(this.most + 1))));
      if (id === "passages") took.textContent = count ? `≈ 10${power(count)}` : "";
    }
  }

  /** One `stage` event, or one entry of a ledger with `state` "end". */
  hear(stage) {
    const level = LEVELS.find((one) => one.stages.includes(stage.name));
    if (!level) return;
    if (stage.state === "begin") {
      this.rows.get(level.id).item.dataset.state = "busy";
      return;
    }
    this.times[level.id] = (this.times[level.id] || 0) + stage.ms;
    this.rows.get(level.id).took.textContent = time(this.times[level.id]);
    if (stage.name === "retrieve") {
      this.all = stage.in;
      this.most = Math.max(this.most, stage.in);
      this.show("passages", stage.in, "done");
      this.show("candidates", stage.out, "done");
    } else if (stage.name === "select") this.show("ranked", stage.out, "done");
    else if (stage.name === "pack") this.show("packed", stage.out, "done");
    else if (stage.name === "generate") this.rows.get("tokens").item.dataset.state = "done";
  }

  /** So many tokens are read of those that the window takes: as wide as what is packed, where it is full. */
  tokens(count, budget) {
    this.show("tokens", count, "done");
    const { bar, says } = this.rows.get("tokens");
    const packed = Number(this.rows.get("packed").bar.style.getPropertyValue("--share"));
    bar.style.setProperty("--share", String(Math.max(0.04, packed * Math.min(1, count / Math.max(1, budget)))));
    says.textContent = `of ${number(budget)} that the reader takes`;
  }

  /** Nothing goes on any more. */
  rest() {
    for (const { item } of this.rows.values()) if (item.dataset.state === "busy") item.dataset.state = "idle";
  }
}

/** What a ledger says of each level: counts, and the time of all of it. */
export function figures(stages) {
  const out = Object.fromEntries(stages.map((stage) => [stage.name, stage.out]));
  return { candidates: out.retrieve, ranked: out.select, packed: out.pack, ms: stages.reduce((sum, stage) => sum + stage.ms, 0) };
}
