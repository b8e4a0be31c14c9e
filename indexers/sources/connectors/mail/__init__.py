"""Mail: mbox, single mails (eml), Maildir and Apple Mail (emlx), from whatever program or export.

`connector.py` is the spine; `mbox.py`, `emlx.py` and `boxes.py` hold the formats of files, `headers.py`, `parts.py`
and what they stand on the format of a message, `message.py` what becomes of one.
Knows nothing of grants, of other connectors, or of the index.
"""

from indexers.sources.connectors.mail.connector import CONNECTOR, messages, read

__all__ = ["CONNECTOR", "messages", "read"]
