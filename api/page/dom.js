// Elements made of names and texts. Text becomes text: nothing in this program makes HTML of a string.

export const at = (id) => document.getElementById(id);

/** An element with properties (`class`, `on` for listeners, attributes) and children: elements or texts. */
export function make(name, given = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (key === "on") for (const [event, heard] of Object.entries(value)) made.addEventListener(event, heard);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

export const button = (text, label, click) =>
  make("button", { type: "button", class: "link", "aria-label": label, on: { click } }, text);

export const number = (value) => Number(value).toLocaleString("en");

export const time = (ms) => (ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : ms >= 1 ? `${Math.round(ms)} ms` : "< 1 ms");

/** How a passage is called: its title and heading, or where it is from. */
export const named = (passage) =>
  [passage.title, passage.heading].filter(Boolean).join(" › ") || passage.locator || passage.key || "Untitled";

export const origin = (passage) =>
  [passage.source, passage.locator !== named(passage) && passage.locator, passage.time].filter(Boolean).join(" · ");

export function open(dialog) {
  if (!dialog.open) dialog.showModal();
}
