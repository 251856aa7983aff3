"""No permissions of its own: a job is its initiator's, and each kind says who may run it."""
