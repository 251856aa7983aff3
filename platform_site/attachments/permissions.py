"""No permissions of its own: a file is as visible, and as changeable, as the record it hangs on.

The records say so themselves (``owners.register``).
"""
