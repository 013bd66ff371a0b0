"""Connectors, one folder a provider: written on the plug-in contract and the model alone."""
