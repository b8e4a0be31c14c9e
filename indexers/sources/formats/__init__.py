"""One reader per format: text or bytes in, `Document`s out. A reader knows nothing of files, sources or archives.

Heavy parsers are imported when the first file of their format is read; those in extras through `extras.need`.
"""
