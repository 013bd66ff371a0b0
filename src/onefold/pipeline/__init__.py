"""The worker: folds the log into profiles and segments, one transaction a batch.

Reads: the log, the state around a batch. Writes: the state, with the offset, in one commit.
Never: touches the network, or a clock other than the log's.
"""
