"""Long work: claimed, reported, cancelled, taken up again after a stop.

Reads: what is asked. Writes: progress and ends. Never: knows what a run does.
"""
