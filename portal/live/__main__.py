"""`python -m portal.live`: the event process, on EVENTS_PORT of this machine, until SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from flask import Flask
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from config import load_settings
from portal import logs
from portal.changes import CHANNEL, Word, read
from portal.embedded import with_embedded_services
from portal.live.hub import GATHER, Hub
from portal.live.listeners import Listener, Place, identify, listeners_app, places
from portal.live.server import LONGEST_HEAD, EventServer

log = logging.getLogger("portal.live")
T = TypeVar("T")
THREADS = 4
"""For questions to the database: so many at a time, however many pages come at once."""
PULSE, LOOK_AGAIN, PAUSE = 20.0, 60.0, 2.0
"""Seconds. A proxy ends what is silent; logins run out without a word; Redis is tried again."""


class Questions:
    """Asks the database in threads, few at a time. While it is away nobody is known and nothing is found."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._threads = ThreadPoolExecutor(THREADS)

    async def identify(self, cookie: str) -> Listener | None:
        return await self._ask(partial(identify, self._app, cookie), None)

    async def locate(self, words: Collection[Word]) -> dict[Word, Place]:
        return await self._ask(partial(places, self._app, words), {})

    async def _ask(self, question: Callable[[], T], unknown: T) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, question)
        except SQLAlchemyError as error:
            log.warning("the database does not answer: %s", error)
            return unknown


async def listen(redis_url: str, server: EventServer) -> None:
    """One subscription for all streams. Without it none is open, so that every page looks by itself."""
    while True:
        try:
            async with (
                Redis.from_url(redis_url, socket_connect_timeout=2) as redis,
                redis.pubsub() as channel,
            ):
                await channel.subscribe(CHANNEL)
                server.ready = True
                async for said in channel.listen():
                    if said["type"] == "message":
                        server.hub.hear(read(said["data"].decode("utf-8", "replace")))
        except RedisError as error:
            log.warning("changes are not heard: %s", error)
        server.ready = False
        server.hub.close()
        await asyncio.sleep(PAUSE)


async def every(seconds: float, act: Callable[[], Awaitable[Any]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        await act()


async def run(app: Flask) -> None:
    settings, questions = app.extensions["settings"], Questions(app)
    hub = Hub(questions.identify, questions.locate)
    server = EventServer(hub, questions.identify)

    async def pulse() -> None:
        hub.pulse()

    stopping = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stopping.set)
    listening = await asyncio.start_server(
        server.serve, settings.events_host, settings.events_port, limit=LONGEST_HEAD, backlog=1024
    )
    duties = [
        asyncio.ensure_future(duty)
        for duty in (
            listen(settings.redis_url, server),
            every(GATHER, hub.tell),
            every(PULSE, pulse),
            every(LOOK_AGAIN, hub.look_again),
        )
    ]
    waiting = asyncio.ensure_future(stopping.wait())
    await asyncio.wait([waiting, *duties], return_when=asyncio.FIRST_COMPLETED)
    listening.close()
    hub.close()
    for duty in duties:
        duty.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await duty  # what ended by itself has failed: say so


def main() -> None:
    settings = with_embedded_services(load_settings())
    logs.configure(settings)
    asyncio.run(run(listeners_app(settings)))


if __name__ == "__main__":
    main()
