// OpenAI's own JavaScript client against a running server. Prints what it got, as JSON.
import { createRequire } from "node:module";

const require = createRequire(`${process.argv[2]}/`);
const { OpenAI } = require("openai");
const client = new OpenAI({ baseURL: process.argv[3], apiKey: "none", maxRetries: 0 });
const asked = { model: "cascade/harbour", messages: [{ role: "user", content: "When does the ferry to Anholt leave?" }] };

const whole = await client.chat.completions.create(asked);
let streamed = "";
for await (const chunk of await client.chat.completions.create({ ...asked, stream: true })) {
  streamed += chunk.choices[0]?.delta?.content ?? "";
}
const response = await client.responses.create({ model: asked.model, input: asked.messages[0].content });
const vectors = await client.embeddings.create({ model: asked.model, input: ["one", "two"] });
const models = [];
for await (const model of client.models.list()) models.push(model.id);
let refused = null;
try {
  await client.chat.completions.create({ ...asked, model: "cascade/bay" });
} catch (error) {
  refused = [error.status, error.code];
}
console.log(JSON.stringify({
  text: whole.choices[0].message.content, cited: whole.choices[0].message.annotations.length, streamed,
  response: response.output_text, vectors: vectors.data.map((row) => row.embedding.length), models, refused,
}));
