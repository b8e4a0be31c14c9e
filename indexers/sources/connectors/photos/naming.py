"""What a file's name says of a picture: its kind, the time in it, and which picture it was made from.

Times in names, by who writes them: `IMG_20190101_120000` and `20190101_120000` (Android, Samsung), `Screenshot_…`,
`VID_…`, `signal-2023-05-06-141022`, `photo_2023-05-06_14-10-22` (Telegram), `2023-05-06 14.10.22` (Dropbox),
`WhatsApp Image 2023-05-06 at 14.10.22`: wall time. `PXL_20230506_121022123` (Pixel): UTC. `IMG-20240101-WA0001`
(WhatsApp): a day. `FB_IMG_1683375022123` and thirteen digits alone: milliseconds since 1970, UTC, of when it was
saved. Knows names; opens nothing.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from indexers.sources.connectors.base import Basis, Moment
from indexers.sources.words import words

PICTURES = words("jpg jpeg jpe jfif png heic heif hif avif webp gif tif tiff bmp dng jp2 cr2 cr3 nef arw orf rw2 raf")
VIDEOS = words("mp4 mov m4v avi mkv webm 3gp 3g2 mts m2ts mpg mpeg wmv mp mv")

_WALL = re.compile(
    r"(?<![0-9])(?P<y>(?:19|20)[0-9]{2})(?P<s>[-._]?)(?P<m>[01][0-9])(?P=s)(?P<d>[0-3][0-9])"
    r"(?:[-_ T.]| at )(?P<H>[0-2][0-9])[-._:h]?(?P<M>[0-5][0-9])[-._:m]?(?P<S>[0-5][0-9])(?:[0-9]{3})?(?![0-9])"
)
_DAY = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})([-._]?)([01][0-9])\2([0-3][0-9])(?![0-9])")
_EPOCH = re.compile(r"(?:^|_)(1[0-9]{12})(?![0-9])")

_EDITED = words(
    """edited bearbeitet modifié modificato editado editada edytowane redigeret redigerad redigert muokattu bewerkt
    upraveno szerkesztve editat düzenlendi изменено 編集済み 已编辑 已編輯 수정됨 επεξεργασία"""
)
"""What Google Photos appends to the name of an edited copy, by the account's language."""
_EDIT = re.compile(rf"-(?:{'|'.join(map(re.escape, sorted(_EDITED)))})(?=(?:\([0-9]+\))?$)", re.IGNORECASE)
_APPLE_EDIT = re.compile(r"^IMG_E(?=[0-9]{4})", re.IGNORECASE)


def split(name: str) -> tuple[str, str]:
    """Stem and suffix in lower case (without the dot). The suffix is empty where what follows the dot is none."""
    stem, dot, end = name.rpartition(".")
    return (stem, end.lower()) if dot and stem and len(end) <= 5 and end.isalnum() else (name, "")


def is_picture(name: str) -> bool:
    """Whether a name is a picture's."""
    return split(name)[1] in PICTURES


def is_video(name: str) -> bool:
    """Whether a name is a video's, or the moving part's of a picture."""
    return split(name)[1] in VIDEOS


def unedited(stem: str) -> str:
    """The stem of the picture that an edited copy was made from; empty where it is no edited copy."""
    made = _EDIT.sub("", stem)
    if made == stem:
        made = _APPLE_EDIT.sub("IMG_", stem)
    return made if made != stem else ""


def moving(name: str) -> str:
    """The stem that the moving part of a picture shares with it: `PXL_1.MP`, `PXL_1.MP.jpg` and `PXL_1.jpg` are one."""
    stem, end = split(name)
    if end in PICTURES:
        inner, last = split(stem)
        return (inner if last in {"mp", "mv"} else stem).lower()
    return stem.lower()


def when(name: str) -> Moment | None:
    """The time in a name; None where there is none that can be."""
    if found := _WALL.search(name):
        year, month, day, hour, minute, second = (int(found[part]) for part in "ymdHMS")
        try:
            wall = datetime(year, month, day, hour, minute, second)
        except ValueError:
            return None
        if name.upper().startswith("PXL_"):
            return Moment(wall.replace(tzinfo=UTC).isoformat(), Basis.UTC, name)
        return Moment(wall.isoformat(), Basis.LOCAL, name)
    if found := _DAY.search(name):
        try:
            date = datetime(int(found[1]), int(found[3]), int(found[4])).date()
        except ValueError:
            return None
        return Moment(date.isoformat(), Basis.DATE, name)
    if found := _EPOCH.search(name):
        return Moment(datetime.fromtimestamp(int(found[1]) // 1000, UTC).isoformat(), Basis.UTC, name)
    return None
