"""An SMTP server that writes down the Message-ID of each message it takes, before it says so.

``python -m tests.faults.sink PORT LOG``: the log is at once the relay's log that the platform may ask
and the record that the campaign counts.
"""

from __future__ import annotations

import asyncio
import os
import sys

from aiosmtpd.smtp import SMTP


class Handler:
    def __init__(self, log: str) -> None:
        self.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    async def handle_DATA(self, server, session, envelope) -> str:
        for line in envelope.content.decode("utf-8", "replace").splitlines():
            if line.startswith("Message-ID: "):
                os.write(self.log, f"{line[12:].strip()}\n".encode())
                return "250 OK"
        return "550 no Message-ID"


async def serve(port: int, log: str) -> None:
    handler = Handler(log)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="sink", enable_SMTPUTF8=True), "127.0.0.1", port
    )
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
