"""Schemathesis against a running platform: whatever the schema allows, and much that it does not.

``schemathesis.toml`` says what is checked, ``hooks.py`` who asks, and after which objects.
"""

#: What every announced file of the run holds.
BYTES = b"text"
