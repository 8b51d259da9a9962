"""A client of the progress channel that shares no code with the server or its load tool: Python's `websockets`.

Sends ten messages and each of them twice, is cut off in the middle, resumes, and checks what a client is promised:
acceptance, gapless offsets, one end for each message, the same number for a copy, nothing twice after a resume, and
refusals that say why. Usage: client.py HOST:PORT
"""

import asyncio
import json
import os
import sys
import time
import urllib.request
import uuid

import websockets

PATIENCE_S = 20
COUNT = 10


def new_id() -> str:
    """A UUID of version 7 (RFC 9562, 5.7)."""
    value = (int(time.time() * 1000) << 80) | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | (7 << 76)
    value = value & ~(0x3 << 62) | (2 << 62)
    return str(uuid.UUID(int=value))


class Channel:
    """A connection that is welcomed."""

    def __init__(self, socket, welcome):
        self.socket, self.welcome = socket, welcome

    @classmethod
    async def open(cls, host, token, client, resume=()):
        socket = await websockets.connect(
            f"ws://{host}/ws",
            subprotocols=["exemplar.v1.json"],
            additional_headers={"Authorization": f"Bearer {token}"},
        )
        assert socket.subprotocol == "exemplar.v1.json", socket.subprotocol
        await socket.send(json.dumps({"type": "hello", "client": client, "resume": list(resume)}))
        welcome = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE_S))
        assert welcome["type"] == "welcome", welcome
        return cls(socket, welcome)

    async def say(self, **frame):
        await self.socket.send(json.dumps(frame))

    async def hear(self):
        return json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE_S))

    async def until(self, wanted):
        """Reads until `wanted(frames)`; answers all frames."""
        frames = []
        while not wanted(frames):
            frames.append(await self.hear())
        return frames


def of(frames, kind):
    return [frame for frame in frames if frame["type"] == kind]


async def main(host):
    request = urllib.request.Request(f"http://{host}/api/v1/sessions", method="POST", data=b"")
    token = json.load(urllib.request.urlopen(request))["token"]
    client, conversation = str(uuid.uuid4()), str(uuid.uuid4())
    ids = [new_id() for _ in range(COUNT)]
    body = {
        "conversation_id": conversation,
        "content": "We send 50,000 requests a day to gpt-4o-mini with 900 input and 200 output tokens. What does it cost?",
    }

    # Each message twice, none waiting for an answer; cut off after a few frames.
    channel = await Channel.open(host, token, client)
    for message in ids:
        for _ in range(2):
            await channel.say(type="send", id=message, **body)
    seen = await channel.until(lambda frames: len(of(frames, "event")) >= 3)
    channel.socket.transport.abort()

    # Back again: send what was not accepted, resume what was.
    position = of(seen, "event")[-1]
    resume = [{"conversation": conversation, "epoch": position["epoch"], "offset": position["offset"]}]
    channel = await Channel.open(host, token, client, resume)
    resumed = channel.welcome["resumed"][0]
    assert resumed["complete"] and resumed["from"] == position["offset"] + 1, resumed
    for message in ids:
        await channel.say(type="send", id=message, **body)

    def all_ended(frames):
        ends = [e for e in of(seen + frames, "event") if e["kind"] in ("completed", "failed", "cancelled")]
        return len(ends) >= COUNT and len(of(frames, "accepted")) >= COUNT

    later = await channel.until(all_ended)
    events = of(seen, "event") + of(later, "event")
    assert [e["offset"] for e in events] == list(range(1, 2 * COUNT + 1)), "a gap or a repeat in the offsets"
    for message in ids:
        ends = [e for e in events if e["id"] == message and e["kind"] == "completed"]
        assert len(ends) == 1, f"{message} has {len(ends)} ends"
        numbers = {a["sequence"] for a in of(seen + later, "accepted") if a["id"] == message}
        assert len(numbers) == 1, f"{message} has the numbers {numbers}"
    order = [e["id"] for e in events if e["kind"] == "completed"]
    assert order == ids, "the ends are not in the order of sending"
    assert [a["duplicate"] for a in of(later, "accepted")].count(False) <= COUNT

    # Refusals: another body under a known id, a type that nobody knows.
    await channel.say(type="send", id=ids[0], **(body | {"content": "Something else entirely, please."}))
    [error] = of(await channel.until(lambda frames: of(frames, "error")), "error")
    assert error["code"] == "reused" and error["id"] == ids[0], error
    await channel.say(type="sing")
    assert of(await channel.until(lambda frames: of(frames, "error")), "error")

    # A clean end: our close is answered.
    await channel.socket.close(1000, "done")
    assert channel.socket.close_code == 1000, channel.socket.close_code
    assert channel.socket.protocol.close_rcvd is not None, "our close was not answered"

    # A stranger's token is refused before the upgrade.
    try:
        await Channel.open(host, "no-such-token", client)
        raise AssertionError("a stranger was let in")
    except websockets.exceptions.InvalidStatus as refused:
        assert refused.response.status_code == 401, refused
    print("all held")


asyncio.run(main(sys.argv[1]))
