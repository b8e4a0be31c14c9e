"""The door for language models that use tools: the Model Context Protocol, over standard input or at `/mcp`.

The official SDK speaks the protocol; it is an extra, `mcp`, and imported when a client comes.
"""
