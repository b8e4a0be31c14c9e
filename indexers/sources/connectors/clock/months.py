"""Months in words, in the languages exports come in, whole and shortened.

A word is looked up without regard to case and without a dot. Languages whose words for months contradict others
(Croatian `listopad` is October, in Polish and Czech it is November) are left out rather than guessed.
"""

from __future__ import annotations

_TABLE = (
    # en, de, fr, es, it, pt, nl, pl (also genitive), cs (also genitive), da/no, sv, fi, ro, hu, tr, ru
    """january jan januar jänner jän janvier janv enero ene gennaio gen janeiro januari styczeń stycznia sty
    leden ledna led tammikuu tammikuuta tammi ianuarie ian január ocak oca январь января янв""",
    """february feb februar februari février févr fév febrero febbraio fevereiro fev luty lutego lut
    únor února úno helmikuu helmikuuta helmi februarie február febr şubat şub февраль февраля февр фев""",
    """march mar märz mär mrz mars marzo março maart mrt marzec marca březen března bře
    marts maaliskuu maaliskuuta maalis martie március márc mart март марта мар""",
    """april apr avril avr abril abr aprile kwiecień kwietnia kwi duben dubna dub
    huhtikuu huhtikuuta huhti aprilie április ápr nisan nis апрель апреля апр""",
    """may mai mayo maggio mag maio mei maj maja květen května kvě toukokuu toukokuuta touko május máj
    mayıs май мая""",
    """june jun juni juin junio giugno giu junho czerwiec czerwca cze červen června čvn
    kesäkuu kesäkuuta kesä iunie iun június jún haziran haz июнь июня июн""",
    """july jul juli juillet juil julio luglio lug julho lipiec lipca lip červenec července čvc
    heinäkuu heinäkuuta heinä iulie iul július júl temmuz tem июль июля июл""",
    """august aug août aou agosto ago augustus sierpień sierpnia sie srpen srpna srp augusti
    elokuu elokuuta elo augusztus ağustos ağu август августа авг""",
    """september sep sept septembre septiembre settembre set setembro wrzesień września wrz září zář
    syyskuu syyskuuta syys septembrie szeptember szept eylül eyl сентябрь сентября сент сен""",
    """october oct oktober okt octobre octubre ottobre ott outubro out październik października paź říjen října říj
    lokakuu lokakuuta loka octombrie október ekim eki октябрь октября окт""",
    """november nov novembre noviembre novembro listopad listopada lis listopadu
    marraskuu marraskuuta marras noiembrie noi kasım kas ноябрь ноября нояб ноя""",
    """december dec dezember dez décembre déc diciembre dic dicembre dezembro grudzień grudnia gru
    prosinec prosince pro joulukuu joulukuuta joulu decembrie des desember aralık ara декабрь декабря дек""",
)

MONTHS = {word: month for month, words in enumerate(_TABLE, 1) for word in words.split()}
"""Word, in lower case and without a dot -> 1 to 12."""
