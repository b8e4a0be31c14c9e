"""The models: encoders, scorers and readers, behind the three seams of `cascade.models.base`.

`cascade.models.resolve` turns a name into one. Importing this package loads no model and no heavy library.
"""
