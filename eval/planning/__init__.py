"""`cascade plan`: what an index of a size will take, from constants that were measured, and how far that was off."""
