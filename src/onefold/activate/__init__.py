"""What each destination must hear, and what it has accepted.

Reads: changes, profiles, batches of the state; records of the log; connections and goals.
Writes: the ledger, intents, attempts, counters and dead letters of delivery. Never: profiles, or the log.
"""
