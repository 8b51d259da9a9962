"""The shape of many a Python service: FastAPI, a task per message, SQLite in WAL mode with synchronous=FULL.

Writes are made by one thread that commits everything that waits at once (group commit), which is the best that this
shape allows; duplicates are known by a unique index, and one message of a conversation runs at a time. A restart takes
up what was accepted and not done.
"""

import asyncio
import json
import os
import queue
import sqlite3
import threading

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

STAGE_S = float(os.environ.get("STAGE_MS", "0")) / 1000
PATH = os.environ["PEER_DATA"] + "/" + os.environ.get("PEER_DB", "peer.db")
STAGES = ["read", "extract", "analyse", "answer"]

app = FastAPI()
connections: dict[str, set[WebSocket]] = {}
chains: dict[str, asyncio.Task] = {}
writes: queue.Queue = queue.Queue()


def database() -> sqlite3.Connection:
    db = sqlite3.connect(PATH, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute(
        "CREATE TABLE IF NOT EXISTS message (id TEXT PRIMARY KEY, user TEXT, conversation TEXT, body TEXT, result TEXT)"
    )
    return db


def writer(loop: asyncio.AbstractEventLoop) -> None:
    """Takes everything that waits, commits it, tells everybody."""
    db = database()
    while True:
        batch = [writes.get()]
        while len(batch) < 512:
            try:
                batch.append(writes.get_nowait())
            except queue.Empty:
                break
        db.execute("BEGIN IMMEDIATE")
        answers = []
        for statement, values, future in batch:
            changed = db.execute(statement, values).rowcount
            answers.append((future, changed))
        db.execute("COMMIT")
        loop.call_soon_threadsafe(tell, answers)


def tell(answers) -> None:
    for future, changed in answers:
        if not future.done():
            future.set_result(changed)


def write(statement: str, values) -> asyncio.Future:
    future = asyncio.get_running_loop().create_future()
    writes.put((statement, values, future))
    return future


async def send(user: str, frame: dict) -> None:
    text = json.dumps(frame)
    for socket in list(connections.get(user, ())):
        try:
            await socket.send_text(text)
        except Exception:  # the reader of this socket notices too
            connections.get(user, set()).discard(socket)


async def work(user: str, id: str, body: str, kept: asyncio.Future | None) -> None:
    if kept is not None:
        await kept
    for step, stage in enumerate(STAGES, 1):
        if STAGE_S:
            await asyncio.sleep(STAGE_S)
        await send(user, {"type": "progress", "id": id, "step": step, "stage": stage, "percent": 20 * step})
    await send(user, {"type": "progress", "id": id, "step": 5, "stage": "commit", "percent": 100})
    result = {"headline": f"An answer to {len(body)} characters", "metrics": [{"id": "m", "value": 1.5, "unit": "USD"}] * 8}
    await write("UPDATE message SET result = ? WHERE id = ?", (json.dumps(result), id))
    await send(user, {"type": "done", "id": id, "result": result})


def enqueue(user: str, conversation: str, id: str, body: str, kept: asyncio.Future | None = None) -> None:
    before = chains.get(conversation)

    async def after() -> None:
        if before is not None:
            await asyncio.wait([before])
        await work(user, id, body, kept)

    chains[conversation] = asyncio.create_task(after())


@app.on_event("startup")
async def start() -> None:
    loop = asyncio.get_running_loop()
    for id, user, conversation, body in database().execute(
        "SELECT id, user, conversation, body FROM message WHERE result IS NULL ORDER BY rowid"
    ):
        enqueue(user, conversation, id, body)
    threading.Thread(target=writer, args=(loop,), daemon=True).start()


@app.get("/health")
async def health() -> dict:
    return {"status": "ok"}


async def accept(socket: WebSocket, user: str, frame: dict) -> None:
    id, conversation, body = frame["id"], frame["conversation"], frame["body"]
    added = write("INSERT OR IGNORE INTO message VALUES (?, ?, ?, ?, NULL)", (id, user, conversation, body))
    # The order of the conversation is the order of arrival: the place is taken before the commit is awaited.
    first = id not in seen
    if first:
        seen.add(id)
        enqueue(user, conversation, id, body, added)
    changed = await added
    answer = {"type": "accepted", "id": id, "duplicate": changed == 0}
    if changed == 0:
        row = readers.execute("SELECT result FROM message WHERE id = ?", (id,)).fetchone()
        answer["result"] = json.loads(row[0]) if row and row[0] else None
    await socket.send_text(json.dumps(answer))


seen: set[str] = set()
readers = database()
seen.update(id for (id,) in readers.execute("SELECT id FROM message"))


@app.websocket("/ws")
async def ws(socket: WebSocket, user: str) -> None:
    await socket.accept()
    connections.setdefault(user, set()).add(socket)
    tasks: set[asyncio.Task] = set()
    try:
        while True:
            task = asyncio.create_task(accept(socket, user, json.loads(await socket.receive_text())))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
    except (WebSocketDisconnect, RuntimeError):
        connections.get(user, set()).discard(socket)
