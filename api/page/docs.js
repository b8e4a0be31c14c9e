// The routes of this server, from its own OpenAPI document: what each takes and gives, by example.

import { at, make } from "./dom.js";
import { json } from "./wire.js";

const METHODS = ["get", "post", "put", "patch", "delete"];

const shown = (value) => make("pre", { tabindex: "0" }, typeof value === "string" ? value : JSON.stringify(value, null, 2));

/** The type of a value, or the words it may be, in words. */
function kind(schema, document) {
  const named = schema?.$ref && document.components.schemas[schema.$ref.split("/").pop()];
  const { anyOf, type, enum: words } = named || schema || {};
  const kinds = anyOf ? anyOf.map((one) => kind(one, document)) : [words ? words.join(", ") : type];
  return kinds.filter((one) => one && one !== "null").join(" or ");
}

/** The example of a body or an answer, and the kind of content it is; nothing where there is none. */
function example(content = {}) {
  for (const [media, said] of Object.entries(content)) {
    const found = said.example ?? said.schema?.example ?? Object.values(said.examples || {})[0]?.value;
    if (found !== undefined) return [media, found];
  }
  return null;
}

function part(title, found) {
  return found ? [make("h3", {}, title, " ", make("span", { class: "note" }, found[0])), shown(found[1])] : [];
}

function parameters(given = [], document) {
  if (!given.length) return [];
  const rows = given.map((one) =>
    make("tr", {}, make("th", { scope: "row" }, make("code", {}, one.name)), make("td", {}, one.in), make("td", {}, kind(one.schema, document)), make("td", {}, one.description || (one.required ? "required" : ""))));
  return [make("h3", {}, "Parameters"), make("div", { class: "scroll" }, make("table", {}, make("tbody", {}, ...rows)))];
}

/** Fields of a body, where its schema is a named one of the document. */
function fields(body, document) {
  const name = body?.content?.["application/json"]?.schema?.$ref?.split("/").pop();
  const schema = name && document.components.schemas[name];
  if (!schema) return [];
  const rows = Object.entries(schema.properties || {}).map(([field, one]) =>
    make("tr", {}, make("th", { scope: "row" }, make("code", {}, field)), make("td", {}, kind(one, document)),
      make("td", {}, (schema.required || []).includes(field) ? "required" : one.default === undefined ? "" : `default: ${JSON.stringify(one.default)}`), make("td", {}, one.description || "")));
  return [make("h3", {}, "Body"), make("div", { class: "scroll" }, make("table", {}, make("tbody", {}, ...rows)))];
}

function route(path, method, said, document) {
  const answers = Object.entries(said.responses || {});
  const refusals = answers.filter(([code]) => code >= "400").map(([code, one]) => `${code}: ${one.description}`).join(" ");
  return make("details", { class: "card route" },
    make("summary", {}, make("span", { class: "place" }, method.toUpperCase()), " ", make("code", {}, path), " ", make("span", { class: "note" }, said.description?.split("\n")[0] || said.summary || "")),
    ...parameters(said.parameters, document), ...fields(said.requestBody, document), ...part("Example of a body", example(said.requestBody?.content)),
    ...part("Example of an answer", answers.map(([, one]) => example(one.content)).find(Boolean)),
    make("p", { class: "note" }, refusals));
}

try {
  const document_ = await json("/openapi.json");
  const groups = new Map();
  for (const [path, methods] of Object.entries(document_.paths))
    for (const [method, said] of Object.entries(methods).filter(([name]) => METHODS.includes(name))) {
      const name = said.tags?.[0] || "others";
      groups.set(name, [...(groups.get(name) || []), route(path, method, said, document_)]);
    }
  at("told").textContent = `${document_.info.title} ${document_.info.version}. ${document_.info.summary || ""}`;
  at("routes").append(...[...groups].map(([name, routes]) => make("section", {}, make("h2", {}, name), make("div", { class: "cards" }, ...routes))));
} catch (error) {
  at("told").textContent = error.message;
}
