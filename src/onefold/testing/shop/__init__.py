"""A believable shop that sends events: for the demo, for a first look, and for tests under load.

Reads: nothing. Writes: events, through a published SDK, to wherever Onefold listens.
Never: uses the name, address or face of a real person.
"""
