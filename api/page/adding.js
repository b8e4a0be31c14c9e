// Documents that are added: sent, and followed until their job ends.

import { at, button, make, number, open } from "./dom.js";
import { index, json, upload } from "./wire.js";

const PAUSE = 300;

/** Add files to an index and follow the job; `changed` is called when it has ended. */
export async function add(name, files, changed, guarded) {
  open(at("adding"));
  const row = new Row([...files].map((file) => file.name), name);
  at("jobs").prepend(row.item);
  try {
    const label = at("label").value.trim() || "upload";
    let job = await upload(`${index(name, "records", "upload")}?source=${encodeURIComponent(label)}`, files, (share) => row.sent(share));
    row.cancellable(() => guarded(() => json(`/jobs/${job.id}`, undefined, undefined, "DELETE")));
    while (!["done", "failed", "cancelled"].includes(job.state)) {
      row.goes(job);
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      job = await json(`/jobs/${job.id}`);
    }
    row.ended(job);
    await changed();
  } catch (error) {
    row.failed(error.message);
    throw error;
  }
}

class Row {
  constructor(names, index) {
    this.bar = make("progress", { max: 1, "aria-label": `Progress of ${names[0]}` });
    this.text = make("p", { class: "note" }, "Sending …");
    this.acts = make("div", { class: "acts" });
    const more = names.length > 1 ? ` and ${names.length - 1} more` : "";
    this.item = make("li", { "data-state": "sending" }, make("strong", {}, `${names[0]}${more}`), make("span", { class: "note" }, ` to ${index}`), this.bar, this.text, this.acts);
  }

  sent(share) {
    if (share < 1) this.bar.value = share;
    else this.bar.removeAttribute("value");
    this.text.textContent = share < 1 ? `Sending, ${Math.round(share * 100)} %` : "Sent. Being read …";
  }

  cancellable(cancel) {
    this.acts.replaceChildren(button("Cancel", null, cancel));
  }

  goes(job) {
    this.item.dataset.state = job.state;
    this.bar.removeAttribute("value");
    this.text.textContent = job.state === "waiting" ? "Waiting for its turn …" : `Indexing: ${figures(job.report)} so far …`;
  }

  ended(job) {
    this.item.dataset.state = job.state;
    this.bar.value = 1;
    this.acts.replaceChildren();
    const said = { done: `Done: ${figures(job.report)}.`, failed: job.error, cancelled: job.error }[job.state];
    this.text.textContent = said;
    at("adding-status").textContent = said;
    const skipped = (job.report.skipped || []).map((one) => make("li", {}, `${one.locator}: ${one.reason}`));
    if (skipped.length) this.item.append(make("ul", { class: "skipped" }, ...skipped));
  }

  failed(message) {
    this.item.dataset.state = "failed";
    this.bar.remove();
    this.acts.replaceChildren();
    this.text.textContent = message;
  }
}

function figures(report) {
  const { records = 0, passages = 0, unchanged = 0, replaced = 0, failed = 0 } = report;
  const counted = (count, word) => `${number(count)} ${word}${count === 1 ? "" : "s"}`;
  return [
    counted(records, "record"), counted(passages, "passage"), unchanged && `${number(unchanged)} unchanged`,
    replaced && `${number(replaced)} replaced`, failed && `${number(failed)} could not be read`,
  ].filter(Boolean).join(", ");
}
