"""A local Braze: the documented REST contract, strict, in memory, with its own meter, delays and faults.

Written from Braze's public documentation as of July 2026 and never from Onefold's own client, so that
the two can disagree. Start it with `server.run` or `python -m onefold.sandbox.braze`.
"""
