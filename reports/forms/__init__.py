"""What people type: the forms of the pages."""
