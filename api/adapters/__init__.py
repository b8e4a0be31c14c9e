"""Cascade inside other libraries: one module each, strangers to one another. Importing one takes that library."""
