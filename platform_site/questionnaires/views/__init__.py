"""Pages of forms, of a draft's content, and of the catalogue of indicators."""
