"""Where records come from: folders, globs, files, archives, git revisions, rows and standard input.

`open.py` is the spine (what a user named -> a Source); `read.py` reads one thing of any format; `formats/` holds one
reader per format. Nothing here knows of passages, encoders or the index.
"""
