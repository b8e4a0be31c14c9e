"""`cascade me`: personal data, read only by consent. One module for each moment: giving, ending, opening, looking."""
