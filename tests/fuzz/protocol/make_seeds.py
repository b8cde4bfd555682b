#!/usr/bin/env python3
"""Writes the seeds of the protocol's fuzz targets and their dictionary.

The seeds are listed here so that they can be read and reviewed; the files in ../corpus are what this prints. Findings are
added to the corpus as files of their own, named for what they found, and are left alone.
"""

import pathlib
import struct

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE.parent / "corpus"

REQUEST, RESPONSE = b"\0REQ", b"\0RES"


def packet(number, *parts, magic=REQUEST):
    body = b"\0".join(parts)
    return magic + struct.pack(">II", number, len(body)) + body


def claim(number, size, magic=REQUEST):
    return magic + struct.pack(">II", number, size)


# number: its arguments (and data, where the packet has any)
BODIES = {
    1: [b"reverse"], 2: [b"reverse"], 3: [], 4: [], 6: [], 7: [b"reverse", b"", b"data"], 8: [b"H:1"], 9: [], 10: [],
    11: [b"H:1", b"reverse", b"data"], 12: [b"H:1", b"1", b"2"], 13: [b"H:1", b"data"], 14: [b"H:1"], 15: [b"H:1"],
    16: [b"echo"], 17: [b"echo"], 18: [b"reverse", b"-", b"data"], 19: [b"QUEUE_ERROR", b"Job queue is full"],
    20: [b"H:1", b"1", b"1", b"10", b"20"], 21: [b"f", b"u", b"d"], 22: [b"name"], 23: [b"f", b"1000"], 24: [],
    25: [b"H:1", b"error"], 26: [b"exceptions"], 27: [b"exceptions"], 28: [b"H:1", b"data"], 29: [b"H:1", b"data"],
    30: [], 31: [b"H:1", b"f", b"u", b"d"], 32: [b"f", b"u", b"d"], 33: [b"f", b"u", b"d"], 34: [b"f", b"u", b"d"],
    35: [b"f", b"u", b"1", b"2", b"3", b"4", b"5", b"d"], 36: [b"f", b"u", b"1700000000", b"d"],
    37: [b"f", b"u", b"r", b"", b"d"], 38: [b"f", b"u", b"r", b"", b"d"], 39: [], 40: [b"H:1", b"f", b"u", b"r", b"d"],
    41: [b"u"], 42: [b"u", b"1", b"0", b"1", b"2", b"3"],
}

SESSIONS = {
    "client": packet(26, b"exceptions") + packet(7, b"f", b"u", b"data") + packet(15, b"H:1"),
    "worker": packet(22, b"id") + packet(1, b"f") + packet(39) + packet(4) + packet(39) + packet(13, b"H:1", b"result"),
    "server": b"".join(packet(n, *p, magic=RESPONSE) for n, p in [(8, [b"H:1"]), (6, []), (11, [b"H:1", b"f", b"d"])]),
    "text": b"status\nworkers\r\n\nshow jobs\n",
    "mixed": b"status\n" + packet(16, b"x") + b"version\r\n" + packet(9) + b"unfinished",
    "long_line": b"x" * 39 + b"\n" + b"y" * 41,
    "block": packet(16, b"d" * 200) + packet(7, b"f", b"", b"e" * 100) + packet(9),
    "block_unfinished": claim(13, 300) + b"H:1\0" + b"d" * 150,
    "claims_64_mib": claim(7, 64 << 20) + b"f\0u\0data",
    "claims_4_gib": claim(7, 0xFFFFFFFF) + b"f\0u\0data",
    "type_0": claim(0, 0),
    "type_43": claim(43, 0),
    "type_above_int": claim(0x80000007, 4) + b"f\0u\0",
    "bad_magic": b"\0RUN" + struct.pack(">II", 7, 0),
    "missing_arguments": packet(7, b"f"),
    "long_arguments": packet(7, b"f" * 60, b"u", b"d"),
    "body_without_arguments": claim(9, 5) + b"noise" + packet(9),
    "cut_in_header": packet(1, b"f") + b"\0REQ\0\0",
}

LINES = [
    b"", b" ", b"status", b"STATUS x", b"prioritystatus", b"workers", b"show jobs", b"show unique jobs", b"show", b"show x",
    b"cancel job H:1", b"cancel x y", b"maxqueue f", b"maxqueue f 10", b"maxqueue f 1 2 3", b"maxqueue f -1",
    b"maxqueue f 99999999999999999999", b"create function f", b"drop function f", b"create x", b"getpid", b"verbose",
    b"version", b"shutdown", b"shutdown graceful", b"a b c d e f", b"x\x01\t\x7f\x00y", b"\xff\xfe",
]


def write(target, name, data):
    directory = CORPUS / target
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_bytes(data)


def quoted(data):
    return '"' + "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\' else f"\\x{b:02x}" for b in data) + '"'


def main():
    for name, data in SESSIONS.items():
        # Default limits with long pieces, tight limits with short ones.
        write("fuzz_frame_reader", f"{name}_default", b"\xfe\x01" + data)
        write("fuzz_frame_reader", f"{name}_tight", b"\x11\x02" + data)
    for number, parts in BODIES.items():
        write("fuzz_packet", f"packet_{number:02}", bytes([number - 1, 0]) + b"\0".join(parts))
    for number, line in enumerate(LINES):
        write("fuzz_admin", f"line_{number:02}", line)

    words = sorted({word for line in LINES for word in line.split() if word.isalpha() and len(word) > 2})
    tokens = [REQUEST, RESPONSE] + [struct.pack(">I", number) for number in BODIES] + words
    (HERE / "protocol.dict").write_text("".join(quoted(token) + "\n" for token in tokens))


if __name__ == "__main__":
    main()
