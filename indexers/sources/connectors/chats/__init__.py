"""Chats: one module a program, each with its `CONNECTOR`; none is imported before it is asked for.

The programs do not know one another. They share `stretches` (how messages become items) and `streamed` (long JSON).
"""
