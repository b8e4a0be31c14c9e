"""How the constants of a plan are measured, each by what the program itself does with an index."""
