"""Looks across every stage: flow, traces, metrics, health.

Reads: counters and tables of every role, read-only. Writes: nothing. Never: decides anything.
"""
