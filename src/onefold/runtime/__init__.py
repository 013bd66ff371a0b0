"""The only place that puts things together: settings, the data directory, roles, processes.

Reads: settings, the data directory. Writes: the lock, the secret key, what the roles write.
Never: decides anything about an event.
"""
