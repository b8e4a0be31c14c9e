"""The report of an evaluation: rows of results in, one HTML page, pictures and a summary out."""
