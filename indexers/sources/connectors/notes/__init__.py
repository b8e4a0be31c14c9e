"""Notes: one module a program, each with its `CONNECTOR`; none is imported before it is asked for.

The programs do not know one another. They share `noted` (a file's text, a note's time) and `wiki` (Markdown of vaults).
"""
