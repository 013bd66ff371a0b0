"""segment-analytics-python, told what to send by lines on its input: see sender.py."""

import sys

from segment.analytics.client import Client
from sender import obey

url, write_key, *options = sys.argv[1:]
client = Client(write_key, host=url, gzip="gzip" in options, upload_size=5, upload_interval=0.1)


def finish() -> None:
    client.flush()
    client.join()


obey(client, finish)
