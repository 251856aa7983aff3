"""22 November 2026, as on the pages."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y H:i"
