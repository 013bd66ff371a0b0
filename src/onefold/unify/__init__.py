"""Decides who an event belongs to and what is now known of that person.

Reads: events of the log and the profiles around them. Writes: nothing; changes the `People` it is given.
Never: reads a store, a clock of its own, or a segment.
"""
