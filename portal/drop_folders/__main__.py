"""`python -m portal.drop_folders`: the SFTP server for dealers' stock files, on DROP_PORT, until SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

from config import load_settings
from portal import logs
from portal.drop_folders.service import AlreadyServed, DropFolders
from portal.embedded import with_embedded_services
from portal.exports.core.runtime import Runtime, make_runtime

log = logging.getLogger("portal.drop_folders")


async def run(runtime: Runtime) -> None:
    stopping = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stopping.set)
    await DropFolders(runtime).serve(stopping, lambda port: log.info("serving on port %s", port))


def main() -> None:
    settings = with_embedded_services(load_settings())
    logs.configure(settings)
    try:
        asyncio.run(run(make_runtime(settings)))
    except (AlreadyServed, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
