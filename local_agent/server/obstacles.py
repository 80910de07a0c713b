"""What keeps a service of these settings from its ports, files and LiveKit server, found before it starts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from local_agent.config.settings import Settings, environment_name
from local_agent.errors import ConfigError, LocalAgentError
from local_agent.server import api_keys, destination, livekit
from local_agent.server.web import demand_place
from local_agent.server.web_options import WebOptions

Question = Callable[[], object]
"""Raises a LocalAgentError where something stands in the way."""
OWN_SERVER = "made at the first start"  # key and secret of our own server


def found(settings: Settings, *, page: bool = True, also: Iterable[Question] = ()) -> list[LocalAgentError]:
    """All of it on this machine, at once. page: whether the page is served, too. also: what else must hold."""
    errors = []
    for question in (*_questions(settings, page), *also):
        try:
            question()
        except LocalAgentError as error:
            errors.append(error)
    return errors


async def far(settings: Settings) -> list[LocalAgentError]:
    """Why the LiveKit server of the settings can't be joined; nobody is asked where it was not meant, or is our own."""
    if settings.livekit_ws is None or not destination.meant(settings):
        return []
    try:
        await livekit.probe(settings.livekit_ws, named=settings.named("livekit_url"))
        await livekit.authorise(settings.livekit_ws, api_keys.given(settings))
    except LocalAgentError as error:
        return [error]
    return []


def _questions(settings: Settings, page: bool) -> Iterator[Question]:
    yield partial(destination.demand_meant, settings)
    if settings.livekit_ws is None:
        yield partial(livekit.binary, settings)
        yield partial(livekit.claim_ports, settings)
    yield partial(_demand_folder, settings.data_dir)
    if page:
        yield partial(_demand_options, settings)
        yield partial(demand_place, settings.host, settings.port)


def _demand_options(settings: Settings) -> None:
    """Return where the page and its tokens are safe and can work in front of the LiveKit server that is set."""
    secret = settings.livekit_api_secret.get_secret_value() if settings.livekit_api_secret else OWN_SERVER
    url, key = settings.livekit_ws or f"ws://127.0.0.1:{settings.livekit_port}", settings.livekit_api_key or OWN_SERVER
    WebOptions.of(settings, url, key, secret).check()


def _demand_folder(folder: Path) -> None:
    """Return where files can be made in the folder, which need not be there yet. Makes nothing."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        why = f"{there} is no folder"
    elif not os.access(there, os.W_OK | os.X_OK):
        why = f"{there} may not be written"
    else:
        return
    raise ConfigError(
        f"keys and logs can't be kept in {folder}: {why}",
        expected="a folder that may be written",
        fix=f"set {environment_name('data_dir')} to another folder",
    )
