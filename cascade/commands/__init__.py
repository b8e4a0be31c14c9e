"""Commands that read an index. Each parses, calls the core and prints."""
