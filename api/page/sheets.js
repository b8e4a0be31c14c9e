// What opens beside the page: a passage highlighted in its record, and what became of a passage on its way.

import { at, button, make, named, number, open } from "./dom.js";
import { index, json } from "./wire.js";

const BESIDE = 3; // passages shown before and after at first, and with each "Show more" five times as many

/** Open a passage in its record; `quote` are the words within it that a citation rests on. */
export async function record(name, passage, quote = "") {
  await around(name, passage, quote, BESIDE, BESIDE);
}

async function around(name, passage, quote, before, after) {
  const found = await json(`${index(name, "passages", passage, "around")}?before=${before}&after=${after}`);
  const place = found.passages.findIndex((one) => one.id === passage);
  const mine = found.passages[place];
  at("record-name").textContent = named({ ...found, heading: mine.heading });
  const about = { Source: found.source, From: found.locator, Time: found.time, ...found.metadata };
  at("record-about").replaceChildren(
    ...Object.entries(about).filter(([, value]) => value !== "" && value !== null)
      .flatMap(([key, value]) => [make("dt", {}, key), make("dd", {}, typeof value === "object" ? JSON.stringify(value) : String(value))]),
  );
  const points = [...found.text]; // offsets count code points
  const part = (from, to) => points.slice(from - found.start, to - found.start).join("");
  const more = (text, up, down) => button(text, null, () => around(name, passage, quote, Math.min(before + up, 200), Math.min(after + down, 200)));
  at("record-text").replaceChildren(
    ...(found.start > 0 && before < 200 ? [more("Show what comes before", BESIDE * 5, 0)] : []),
    part(found.start, mine.start), highlighted(part(mine.start, mine.end), quote), part(mine.end, found.end),
    ...(found.passages.length - place - 1 === after && after < 200 ? [more("Show what follows", 0, BESIDE * 5)] : []),
  );
  open(at("record"));
  at("record-text").querySelector("mark").scrollIntoView({ block: "center", behavior: "instant" });
}

function highlighted(text, quote) {
  const from = quote ? text.indexOf(quote) : -1;
  if (from < 0) return make("mark", { "aria-label": "The passage" }, text);
  return make("mark", {}, text.slice(0, from), make("strong", {}, quote), text.slice(from + quote.length));
}

const STAGES = { retrieve: "Retrieve", rerank: "Rerank", pack: "Pack", generate: "Generate" };

/** Say what became of a passage under a question, stage by stage. */
export async function why(name, passage, question) {
  const asked = json(index(name, "explain"), { query: question.text, passage, filter: question.filter, effort: question.effort });
  const [told, found] = await Promise.all([asked, json(index(name, "passages", passage))]);
  at("why-name").textContent = named(found);
  at("why-asked").textContent = `“${question.text}”, effort ${question.effort}`;
  at("why-verdict").textContent = told.lost ? `Not used: lost at ${told.lost}.` : "Used: it came through to the reader’s window.";
  at("why-verdict").dataset.kept = String(!told.lost);
  at("fates").replaceChildren(...told.stages.map(fate));
  at("why-text").textContent = found.text;
  open(at("why"));
}

function fate(one) {
  const facts = [
    one.rank != null && `place ${number(one.rank)}`,
    one.score != null && `score ${one.score.toFixed(3)}`,
    one.margin != null && `${one.margin < 0 ? "short of the last kept by" : "above the last kept by"} ${Math.abs(one.margin).toFixed(3)}`,
  ].filter(Boolean);
  return make("li", { "data-kept": String(one.kept) },
    make("strong", {}, STAGES[one.stage] || one.stage), make("span", { class: "fate" }, one.kept ? "kept" : "lost"),
    make("p", {}, one.why), facts.length ? make("p", { class: "note" }, facts.join(" · ")) : null);
}
