"""The durable log of everything we know.

Reads: nothing. Writes: records, in one order, durable before `append` returns.
Never: interprets a body.
"""
