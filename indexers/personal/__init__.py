"""Personal data: read only by consent, kept encrypted, erased for real. `intake.py` is the spine."""
