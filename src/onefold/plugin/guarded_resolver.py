"""Sockets of aiohttp that go to no address which is blocked, whatever a name leads to when they are opened.

In: a host's name. Out: its addresses that may be asked, and the socket goes to one of these.
"""

import socket

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from onefold.plugin.reach import is_allowed


class BlockedAddressError(OSError):
    """A host leads to no address that may be reached."""


class GuardedResolver(AbstractResolver):
    """Names to addresses, leaving out those that must not be reached; the socket goes to what this gives."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses that are allowed.

        Raises:
            BlockedAddressError: there are only others.
        """
        found = await self._resolver.resolve(host, port, family)
        allowed = [one for one in found if is_allowed(one["host"], allow_private=self._allow_private)]
        if found and not allowed:
            raise BlockedAddressError(f"{host} leads to a blocked address")
        return allowed

    async def close(self) -> None:
        """Nothing is held."""
        await self._resolver.close()
