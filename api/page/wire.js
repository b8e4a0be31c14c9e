// The way to the server: JSON, events, uploads; the key of this tab; problems as errors that are sentences.

const KEY = "cascade-key";

export const key = {
  get: () => sessionStorage.getItem(KEY) || "",
  set: (value) => (value ? sessionStorage.setItem(KEY, value) : sessionStorage.removeItem(KEY)),
};

export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

const headers = (more = {}) => ({ ...(key.get() ? { Authorization: `Bearer ${key.get()}` } : {}), ...more });

export const index = (name, ...rest) => ["/indexes", name, ...rest].map((part, at) => (at ? encodeURIComponent(part) : part)).join("/");

async function sent(path, body, signal, method) {
  const how = body === undefined ? { headers: headers() } : { headers: headers({ "Content-Type": "application/json" }), body: JSON.stringify(body) };
  let found;
  try {
    found = await fetch(path, { method: method || (body === undefined ? "GET" : "POST"), signal, ...how });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "The server cannot be reached. See whether it still runs, then try again.");
  }
  if (!found.ok) throw new Problem(found.status, detail(await found.text(), found.status));
  return found;
}

function detail(text, status) {
  try {
    return JSON.parse(text).detail || `The server answered ${status}.`;
  } catch {
    return `The server answered ${status}.`;
  }
}

export const json = async (path, body, signal, method) => (await sent(path, body, signal, method)).json();

/** Server-sent events of a request, each given to `heard(name, content)`. An event `error` is thrown. */
export async function events(path, body, signal, heard) {
  const reader = (await sent(path, body, signal)).body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const [name, data] = part.split("\n").map((line) => line.slice(line.indexOf(": ") + 2));
      const content = JSON.parse(data);
      if (name === "error") throw new Problem(content.status, content.detail);
      heard(name, content);
    }
  }
}

/** Send files as a form; `moved(share)` hears how much has gone out. Gives the job. */
export function upload(path, files, moved) {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    for (const file of files) form.append("files", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", path);
    for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => event.lengthComputable && moved(event.loaded / event.total));
    request.addEventListener("error", () => reject(new Problem(0, "The upload broke off. See whether the server still runs, then try again.")));
    request.addEventListener("load", () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText));
      else reject(new Problem(request.status, detail(request.responseText, request.status)));
    });
    request.send(form);
  });
}
