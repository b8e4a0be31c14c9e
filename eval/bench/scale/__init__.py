"""`cascade bench scale`: what size costs, measured from 10^5 passages to 10^9 codes, and extrapolated with its error.

learned > weaving > woven      text like real text, fast            (made of what `--source` names)
planted > asking > answered    an index of each size, asked in a process of its own
codes > probing                generated codes at 10^8 and 10^9
tails > foretold               survival at sizes that were not measured
run                            the order of all this, resumable; `command` is its door
"""
