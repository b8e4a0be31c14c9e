"""Measures the cascade: datasets, measures, intervals, rows that can be believed, and `cascade bench`.

Write `from eval.measures import ...`: a bare `import eval` hides the builtin.
"""
