"""An index on several machines: built by workers, and served by processes that each hold a part of it.

Ray starts, places and connects the processes; `pool` alone knows it. Everything else is plain Python over the seam in
`machines`. Knows segments, shards and commits; knows nothing of HTTP.
"""
