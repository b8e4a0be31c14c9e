"""`cascade tune`: the settings of an index chosen together, from what survives on the index itself, in a time.

`eval.tuning.spine` is the path; `docs/tuning.md` says how it is done.
"""
