"""Time words in a question become a range of dates: "last summer", "im Mai 2023", "for to uger siden", "before the
move".

`time_words(question, now)` gives the range, the words it was read from and the question without them, or None. It is
conservative: where a reader could mean two things, the range holds both, or there is none. Quarters and fiscal years
are
not guessed. English, and the basics of German, French, Spanish and Danish. See reading.py for the rules.
"""

from indexers.personal.timewords.reading import Said, When, time_words
from indexers.personal.timewords.spans import Range

__all__ = ["Range", "Said", "When", "time_words"]
