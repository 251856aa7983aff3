"""No permissions of its own: a webhook is its owner's, and is told what its owner may see."""
