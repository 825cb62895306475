"""Documents in, domain values out, or every defect. Units, axis order and spellings are settled here."""
