"""Shapes of the REST API of this app, by noun."""
