"""The server: doors over HTTP to the same core as the command line. Nothing in `cascade` or `indexers` knows it."""
