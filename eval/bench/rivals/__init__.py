"""Cascade beside other engines over the same passages, vectors and questions: `cascade bench peers`.

The spine is `run`; each engine is one module, and only `resolve` knows them all.
"""
