// What a careful team would build on Socket.IO: acknowledgements, connection state recovery, one message of a
// conversation at a time, duplicates known by id. With DURABLE=1 also a journal: an acknowledgement comes after an
// fdatasync that is shared by everything that waits (group commit), and a restart takes up what was not done.
import { createServer } from "node:http";
import { open, readFile } from "node:fs/promises";
import { Server } from "socket.io";

const durable = process.env.DURABLE === "1";
const stageMs = Number(process.env.STAGE_MS ?? 0);
const [host, port] = (process.env.PEER_ADDR ?? "127.0.0.1:3300").split(":");
const path = process.env.PEER_DATA + "/journal.jsonl";

const http = createServer((_, answer) => answer.end("ok"));
const io = new Server(http, {
  transports: ["websocket"],
  perMessageDeflate: false,
  connectionStateRecovery: { maxDisconnectionDuration: 120_000 },
});

/** id -> {user, conversation, body, result}: what is known already. */
const known = new Map();
/** conversation -> the end of its chain. */
const chains = new Map();

const journal = durable ? await open(path, "a") : null;
let waiting = [];
let syncing = false;

function keep(entry) {
  if (!journal) return Promise.resolve();
  return new Promise((resolve, reject) => {
    waiting.push({ line: JSON.stringify(entry) + "\n", resolve, reject });
    if (!syncing) commit();
  });
}

async function commit() {
  syncing = true;
  while (waiting.length) {
    const batch = waiting;
    waiting = [];
    try {
      await journal.appendFile(batch.map((each) => each.line).join(""));
      await journal.datasync();
      batch.forEach((each) => each.resolve());
    } catch (error) {
      batch.forEach((each) => each.reject(error));
    }
  }
  syncing = false;
}

const rest = (ms) => (ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve());

async function work(id, message) {
  const stages = ["read", "extract", "analyse", "answer"];
  for (const [n, stage] of stages.entries()) {
    await rest(stageMs);
    io.to(message.user).emit("progress", { id, step: n + 1, stage, percent: 20 * (n + 1) });
  }
  io.to(message.user).emit("progress", { id, step: 5, stage: "commit", percent: 100 });
  const result = { headline: `An answer to ${message.body.length} characters`, metrics: Array(8).fill({ id: "m", value: 1.5, unit: "USD" }) };
  await keep({ done: id, result });
  message.result = result;
  io.to(message.user).emit("done", { id, result });
}

/** One message of a conversation at a time, in order. */
function enqueue(id, message) {
  const before = chains.get(message.conversation) ?? Promise.resolve();
  const chain = before.then(() => work(id, message)).finally(() => {
    if (chains.get(message.conversation) === chain) chains.delete(message.conversation);
  });
  chains.set(message.conversation, chain);
}

io.on("connection", (socket) => {
  const user = socket.handshake.auth.user;
  socket.join(user);
  socket.on("message", async ({ id, conversation, body }, acknowledge) => {
    const before = known.get(id);
    if (before) {
      await before.kept;
      acknowledge({ id, duplicate: true, result: before.result });
      return;
    }
    const message = { user, conversation, body, result: undefined };
    message.kept = keep({ accepted: id, user, conversation, body });
    known.set(id, message);
    // The place in the conversation is taken now, the work begins when it is kept.
    const kept = message.kept;
    const start = chains.get(conversation) ?? Promise.resolve();
    chains.set(conversation, start.then(() => kept));
    enqueue(id, message);
    await kept;
    acknowledge({ id, duplicate: false });
  });
});

if (durable) {
  const text = await readFile(path, "utf8").catch(() => "");
  for (const line of text.split("\n")) {
    if (!line) continue;
    let entry;
    try {
      entry = JSON.parse(line);
    } catch {
      break; // the last line of a process that was killed
    }
    if (entry.accepted) known.set(entry.accepted, { ...entry, kept: Promise.resolve(), result: undefined });
    else if (known.has(entry.done)) known.get(entry.done).result = entry.result;
  }
  for (const [id, message] of known) if (!message.result) enqueue(id, message);
}
http.listen(Number(port), host);
