"""Bytes in, accepted events out.

Reads: HTTP requests and the directory of sources. Writes: records, counts and dead letters to the log,
durable before the answer. Never: touches profiles.
"""

from onefold.capture.application import CaptureApplication, capture_app
from onefold.capture.directory import SourceDirectory
from onefold.capture.settings import CaptureSettings

__all__ = ["CaptureApplication", "CaptureSettings", "SourceDirectory", "capture_app"]
