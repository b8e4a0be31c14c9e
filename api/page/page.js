// The page: what its parts do when a person acts. The parts themselves are in the other modules.

import { add } from "./adding.js";
import { ask, compare, search } from "./asking.js";
import { at, make, number, open } from "./dom.js";
import { Funnel } from "./funnel.js";
import { index, json, key } from "./wire.js";

const funnel = new Funnel();
let indexes = [];
let doing = null;

const chosen = () => indexes.find((one) => one.name === at("index").value);
const say = (text) => (at("status").textContent = text);

function trouble(text) {
  at("problem").textContent = text;
  at("problem").hidden = !text;
}

/** Do something; what goes wrong is said, and where a key is wanted, it is asked for. */
async function guarded(work) {
  trouble("");
  try {
    return await work();
  } catch (error) {
    if (error.name === "AbortError") say("Stopped.");
    else if (error.status === 401) askKey(key.get() ? error.message : "");
    else {
      for (const dialog of document.querySelectorAll("dialog.sheet[open]:not(#adding)")) dialog.close();
      trouble(error.message);
    }
    return null;
  }
}

function askKey(wrong) {
  at("key").hidden = false;
  at("key-wrong").textContent = wrong;
  open(at("asks-key"));
  at("key-value").focus();
}

async function load() {
  const found = await json("/indexes");
  const before = at("index").value;
  indexes = found.indexes;
  at("index").replaceChildren(...indexes.map((one) => make("option", { value: one.name }, `${one.name} · ${number(one.passages)} passages`)));
  if (indexes.some((one) => one.name === before)) at("index").value = before;
  for (const id of ["ask", "search", "compare", "add"]) at(id).disabled = !indexes.length;
  if (!indexes.length) trouble("There is no index for this key. Ask whoever made it for one that sees an index.");
  await turned();
}

/** Another index is looked at. */
async function turned() {
  if (!chosen()) return;
  funnel.reset(chosen().passages);
  const status = await json(index(chosen().name));
  const names = Object.keys(status.sources);
  const before = at("source").value;
  at("source").replaceChildren(make("option", { value: "" }, "Any"), ...names.map((name) => make("option", { value: name }, name)));
  if (names.includes(before)) at("source").value = before;
}

const quoted = (text) => `"${text.replace(/(["\\])/g, "\\$1")}"`;

function filters() {
  return [
    at("source").value && `source = ${quoted(at("source").value)}`,
    at("since").value.trim() && `time >= ${at("since").value.trim()}`,
    at("until").value.trim() && `time <= ${at("until").value.trim()}`,
    at("filter").value.trim() && `(${at("filter").value.trim()})`,
  ].filter(Boolean);
}

function asked() {
  const effort = document.querySelector("input[name=effort]:checked").value;
  return { text: at("question").value.trim(), filter: filters().join(" and "), effort };
}

/** Begin one of the three: ask, search or compare; the others' results go. */
async function begin(kind) {
  const question = asked();
  if (!question.text) {
    say("Write a question first.");
    at("question").focus();
    return;
  }
  doing?.abort();
  const mine = (doing = new AbortController());
  busy(true);
  for (const id of ["answer", "found", "compared"]) at(id).hidden = true;
  funnel.reset(chosen().passages);
  say({ ask: "Asking …", search: "Searching …", compare: "Comparing efforts …" }[kind]);
  const name = chosen().name;
  const told = await guarded(() => ({ ask, search, compare })[kind](name, question, funnel, mine.signal, guarded));
  if (doing !== mine) return;
  if (told) say(told);
  else if (!at("problem").hidden) say("");
  if (!told && !at("said").textContent) at("answer").hidden = true;
  busy(false);
}

function busy(yes) {
  at("stop").hidden = !yes;
  at("ask").hidden = yes;
  if (!yes) {
    doing = null;
    funnel.rest();
  }
}

function added(files) {
  if (files.length && chosen()) guarded(() => add(chosen().name, files, load, guarded));
}

at("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  begin("ask");
});
at("question").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  begin("ask");
});
at("search").addEventListener("click", () => begin("search"));
at("compare").addEventListener("click", () => begin("compare"));
at("stop").addEventListener("click", () => doing?.abort());
at("index").addEventListener("change", () => guarded(turned));
at("narrow").addEventListener("input", () => {
  const count = filters().length;
  at("narrowed").textContent = count ? String(count) : "";
});
at("add").addEventListener("click", () => open(at("adding")));
at("files").addEventListener("change", () => {
  added([...at("files").files]);
  at("files").value = "";
});
at("key").addEventListener("click", () => askKey(""));
at("key-form").addEventListener("submit", () => {
  key.set(at("key-value").value.trim());
  at("key-value").value = "";
  guarded(load);
});
for (const close of document.querySelectorAll(".close")) close.addEventListener("click", () => close.closest("dialog").close());
for (const sheet of document.querySelectorAll("dialog.sheet")) sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.toggle("dropping", name === "dragover");
    if (name === "drop") added([...event.dataTransfer.files]);
  });
}

if (key.get()) at("key").hidden = false;
guarded(load);
at("question").focus();
