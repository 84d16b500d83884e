#!/usr/bin/env python3
"""Watches a class without any of Rondo's code: written from net/PROTOCOL.md and engine/events/RECORDING.md alone, on
python3-websockets.

    foreign_viewer.py ws://HOST:PORT CODE [FILE.rondo]

Prints a line for each event until a run ends. FILE gets the stream as it came: it is a recording.
"""
import asyncio
import hashlib
import hmac
import json
import os
import ssl
import struct
import sys
import zlib

import websockets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
MOST = 48 + 12 + (4 << 20)  # bytes of a message

# Fields of each event behind its stamp: u unsigned, i signed, d float64, f float32, s text, b bytes, F floats.
FIELDS = ["ssiuiii", "us", "us", "uis", "idddi", "iifb", "iibFb", "uuuiiiiii", "iiiiiiiiiu", "iidii", "u", "d", "id",
          "ii", "iiid", "uiidd", "uusiudiiiss", "uiis", "iu"]
RUN_ENDED, MEMBER_CHANGED = 2, 16


class Fields:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        if self.at + size > len(self.data):
            raise ValueError("cut off")
        self.at += size
        return self.data[self.at - size:self.at]

    def u(self):
        value, shift = 0, 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def i(self):
        value = self.u()
        return (value >> 1) ^ -(value & 1)

    def d(self):
        return struct.unpack("<d", self.take(8))[0]

    def f(self):
        return struct.unpack("<f", self.take(4))[0]

    def b(self):
        return self.take(self.u())

    def s(self):
        return self.b().decode(errors="replace")

    def F(self):
        return [self.f() for _ in range(self.u())]


class Stream:
    """The bodies of events messages, one behind the other."""

    def __init__(self):
        self.begun = False

    def events(self, body):
        if not self.begun:
            if body[:6] != b"RONDO\0" or body[6:8] != b"\2\0":
                raise ValueError("not the magic")
            self.begun, body = True, body[8:]
        while body:
            packed, unpacked, crc = struct.unpack("<III", body[:12])
            block, body = body[12:12 + packed], body[12 + packed:]
            if len(block) != packed or zlib.crc32(block) != crc:
                raise ValueError("a damaged block")
            fields = Fields(zlib.decompress(block))
            if len(fields.data) != unpacked:
                raise ValueError("a block of another length")
            while fields.at < unpacked:
                kind = fields.take(1)[0]
                stamp = [fields.u(), fields.i(), fields.u(), fields.i()]
                yield kind, stamp, [getattr(fields, name)() for name in FIELDS[kind]]


def proof(key, label, hello, challenge, fingerprint):
    said = label + bytes.fromhex(challenge["nonce"]) + bytes.fromhex(hello["nonce"])
    return hmac.new(key, said + hello["role"].encode() + fingerprint, "sha256").hexdigest()


async def watch(url, typed, file):
    code = "".join(c for c in typed.upper() if c in ALPHABET)
    tls = None
    if url.startswith("wss:"):
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE  # the code says which certificate it is
    async with websockets.connect(url + "/rondo/1", subprotocols=["rondo.1"], ssl=tls, max_size=MOST) as ws:
        fingerprint = b""
        if tls:
            certificate = ws.transport.get_extra_info("ssl_object").getpeercert(True)
            fingerprint = hashlib.sha256(certificate).digest()
            bits = int.from_bytes(fingerprint, "big") >> (256 - 50)
            begins = "".join(ALPHABET[bits >> (45 - 5 * i) & 31] for i in range(10))
            if code[6:] != begins:
                sys.exit("another certificate than the code's")
        challenge = json.loads(await ws.recv())
        if challenge["type"] != "challenge" or challenge["version"] != 1 or challenge["iterations"] > 1000000:
            sys.exit("not a challenge: " + str(challenge))
        key = hashlib.pbkdf2_hmac("sha256", code[:6].encode(), bytes.fromhex(challenge["salt"]),
                                  challenge["iterations"], 32)
        hello = {"type": "hello", "version": 1, "role": "viewer", "name": "python", "nonce": os.urandom(32).hex()}
        hello["proof"] = proof(key, b"rondo client", hello, challenge, fingerprint)
        await ws.send(json.dumps(hello))
        answer = json.loads(await ws.recv())
        if answer["type"] == "refused":
            sys.exit("refused %d: %s" % (answer["code"], answer["why"]))
        if answer["proof"] != proof(key, b"rondo host", hello, challenge, fingerprint):
            sys.exit("the host doesn't know the code")
        print("joined as", answer["name"], flush=True)

        await ws.send(json.dumps({"type": "credit", "bytes": 1 << 20}))
        stream = Stream()
        async for message in ws:
            if isinstance(message, str):
                continue
            kind, size = message[0], struct.unpack("<Q", message[32:40])[0]
            if kind != 3 or len(message) != 48 + size:
                sys.exit("not events")
            body = message[48:]
            if file:
                file.write(body)
                file.flush()
            for kind, stamp, fields in stream.events(body):
                line = ["event", kind, *stamp]
                if kind == MEMBER_CHANGED:
                    line.append(fields[2])
                print(*line, flush=True)
                if kind == RUN_ENDED:
                    await ws.send(json.dumps({"type": "leave", "why": "seen enough"}))
                    return
            if size > 0:
                await ws.send(json.dumps({"type": "credit", "bytes": size}))


def main():
    file = open(sys.argv[3], "wb") if len(sys.argv) > 3 else None
    asyncio.run(watch(sys.argv[1], sys.argv[2], file))


main()
