"""Needles: made-up facts of eighteen kinds, the records that hold or obscure them, and haystacks to plant them in.

`eval.needles.classes.make` is the door. To look at some:

    python -c "from eval.needles.classes import shown; import sys; sys.stdout.write(shown('multi-hop', hops=3))"
"""
