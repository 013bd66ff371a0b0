"""Onefold: an open, self-hosted, real-time customer data platform.

A profile is a fold over a durable log. Everything else is derived from that log.
"""

__version__ = "0.1.0"
