// Questions: asked, searched, compared; and how what comes back is shown.

import { at, button, make, named, number, origin, time } from "./dom.js";
import { figures } from "./funnel.js";
import { record, why } from "./sheets.js";
import { events, index, json } from "./wire.js";

const EFFORTS = ["low", "normal", "high", "max"];

/** Ask, with the funnel filling as stages end, and show the answer. */
export async function ask(name, question, funnel, signal, guarded) {
  const said = at("said");
  at("answer").hidden = false;
  said.replaceChildren();
  said.setAttribute("aria-busy", "true");
  at("read").textContent = "";
  at("sources").replaceChildren();
  at("sources-name").hidden = true;
  let answer = null;
  try {
    await events(index(name, "ask"), body(question, { question: question.text, stream: true }), signal, (event, content) => {
      if (event === "stage") {
        funnel.hear(content);
        if (content.name === "pack" && content.state === "end") funnel.tokens(content.tokens, content.budget);
      } else if (event === "token") said.append(content.text);
      else if (event === "answer") answer = content;
    });
  } finally {
    said.setAttribute("aria-busy", "false");
  }
  if (!answer) return "The answer broke off.";
  funnel.tokens(answer.context.tokens, answer.context.budget);
  shown(name, question, answer, guarded);
  const count = answer.citations.length;
  return answer.abstained ? "The corpus does not contain the answer." : `Answered, with ${count} ${count === 1 ? "source" : "sources"}.`;
}

function shown(name, question, answer, guarded) {
  const cited = new Map(answer.citations.map((one) => [one.number, one]));
  const opened = (one) => guarded(() => record(name, one.passage.id, one.quote));
  const pieces = answer.answer.split(/(\[\d+\])/).map((piece) => {
    const one = /^\[\d+\]$/.test(piece) && cited.get(Number(piece.slice(1, -1)));
    if (!one) return piece;
    return make("button", { type: "button", class: "cite", "aria-label": `Source ${one.number}: ${named(one.passage)}`, on: { click: () => opened(one) } }, String(one.number));
  });
  at("said").replaceChildren(...pieces);
  const used = `${number(answer.context.passages)} passages, ${number(answer.context.tokens)} of ${number(answer.context.budget)} tokens, read by ${answer.reader}`;
  const total = answer.stages.reduce((sum, stage) => sum + stage.ms, 0);
  at("read").textContent = [`${used} in ${time(total)}.`, incomplete(answer)].filter(Boolean).join(" ");
  at("sources-name").hidden = !answer.citations.length;
  at("sources").replaceChildren(
    ...answer.citations.map((one) => card(name, question, one.passage, guarded, { number: one.number, quote: one.quote })),
  );
}

const incomplete = (found) => (found.complete ? "" : `Not everything could be asked: ${(found.missing || ["time ran out"]).join("; ")}.`);

/** Search, and show the passages in order. */
export async function search(name, question, funnel, signal, guarded) {
  const found = await json(index(name, "search"), body(question, { query: question.text, k: 20 }), signal);
  for (const stage of found.stages) funnel.hear({ state: "end", ...stage });
  at("found").hidden = false;
  const count = found.passages.length;
  at("found-name").textContent = count > 1 ? `${count} best passages` : count ? "One passage" : "No passages";
  at("passages").replaceChildren(...found.passages.map((one) => card(name, question, one, guarded)));
  const note = incomplete(found);
  return `${count} ${count === 1 ? "passage" : "passages"} found in ${time(figures(found.stages).ms)}. ${note}`.trim();
}

function card(name, question, passage, guarded, cited = null) {
  const label = named(passage);
  return make("li", { class: "card" },
    make("div", { class: "head" },
      make("span", { class: "place", "aria-hidden": "true" }, String(cited ? cited.number : passage.rank)),
      make("strong", { class: "name" }, label),
      cited || passage.relevance == null ? null : make("span", { class: "score" }, `relevance ${passage.relevance.toFixed(2)}`)),
    make("p", { class: "note" }, origin(passage)),
    make("p", { class: cited ? "quote" : "snippet" }, cited ? cited.quote || passage.text : passage.text),
    make("div", { class: "acts" },
      button("Open in its record", `Open ${label} in its record`, () => guarded(() => record(name, passage.id, cited ? cited.quote : ""))),
      button("Why?", `Why ${label} was or was not used`, () => guarded(() => why(name, passage.id, question)))));
}

/** Ask with each effort in turn, a row for each; the funnel is that of the last. */
export async function compare(name, question, funnel, signal) {
  at("compared").hidden = false;
  at("efforts").replaceChildren();
  for (const effort of EFFORTS) {
    const row = make("tr", { "aria-busy": "true" }, make("th", { scope: "row" }, effort), make("td", { colspan: 6 }, "asking …"));
    at("efforts").append(row);
    try {
      const answer = await json(index(name, "ask"), body({ ...question, effort }, { question: question.text }), signal);
      const told = figures(answer.stages);
      funnel.reset(funnel.all);
      for (const stage of answer.stages) funnel.hear({ state: "end", ...stage });
      funnel.tokens(answer.context.tokens, answer.context.budget);
      const cells = [told.candidates, told.ranked, told.packed, answer.context.tokens].map((count) => make("td", { class: "digits" }, count == null ? "–" : number(count)));
      row.replaceChildren(row.firstChild, ...cells, make("td", { class: "digits" }, time(told.ms)), make("td", { class: "told" }, answer.answer));
    } catch (error) {
      row.remove();
      throw error;
    } finally {
      row.removeAttribute("aria-busy");
    }
  }
  return "The four efforts are compared.";
}

const body = (question, more) => ({ filter: question.filter, effort: question.effort, ...more });
