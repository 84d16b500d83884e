#!/usr/bin/python3
"""A viewer written from net/PROTOCOL.md alone: foreign_viewer.py URL CODE FILE

Joins and writes the stream of events to FILE until the host ends. Needs python3-websockets only."""
import asyncio
import hashlib
import hmac
import json
import os
import sys

import websockets


async def watch(url, code, file):
    secret = "".join(c for c in code.upper() if c not in "- ")[:6]
    async with websockets.connect(url + "/rondo/1", subprotocols=["rondo.1"], max_size=4 * 2**20 + 60) as host:
        challenge = json.loads(await host.recv())
        assert challenge["type"] == "challenge" and challenge["version"] == 1, challenge
        key = hashlib.pbkdf2_hmac(
            "sha256", secret.encode(), bytes.fromhex(challenge["salt"]), challenge["iterations"], 32
        )
        nonce = os.urandom(32)
        said = bytes.fromhex(challenge["nonce"]) + nonce + b"viewer"

        def proof(label):
            return hmac.new(key, label + said, hashlib.sha256).hexdigest()

        await host.send(
            json.dumps(
                {
                    "type": "hello",
                    "version": 1,
                    "role": "viewer",
                    "name": "python",
                    "nonce": nonce.hex(),
                    "proof": proof(b"rondo client"),
                }
            )
        )
        welcome = json.loads(await host.recv())
        if welcome["type"] == "refused":
            print(welcome["why"])
            return 3
        assert welcome["type"] == "welcome" and welcome["member"] == 0, welcome
        assert hmac.compare_digest(welcome["proof"], proof(b"rondo host")), "not the host we look for"
        print("joined", flush=True)

        await host.send(json.dumps({"type": "credit", "bytes": 2**20}))
        with open(file, "wb") as out:
            async for message in host:
                assert isinstance(message, bytes) and message[0] == 3, message
                size = int.from_bytes(message[32:40], "little")
                body = message[48:]
                assert len(body) == size
                out.write(body)
                try:
                    await host.send(json.dumps({"type": "credit", "bytes": max(size, 1)}))
                except websockets.ConnectionClosed:
                    pass  # the host has ended; what came before is still to be read
        assert host.close_code == 1001, (host.close_code, host.close_reason)
    return 0


sys.exit(asyncio.run(watch(sys.argv[1], sys.argv[2], sys.argv[3])))
