"""Decides who is in which segment.

Reads: segment definitions and one profile at a time. Writes: nothing; returns masks and due times.
Never: touches a store, a clock of its own, or an event's identity.
"""
