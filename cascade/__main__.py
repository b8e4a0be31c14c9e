"""`python -m cascade`: the command line, where the script `cascade` is not on the path."""

from __future__ import annotations

from cascade.cli import main

if __name__ == "__main__":
    main()
