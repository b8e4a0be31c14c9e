"""Who is who: what makes two one, what does not, and what a word or a filter means."""

from __future__ import annotations

import pytest

from indexers.personal.life import App, live
from indexers.personal.people import Book, Gathering, Known, asked
from indexers.personal.people.folding import address, agree, name_words, office
from indexers.sources.connectors.base import Item, Kind, Person


def mail(*people: Person) -> Item:
    return Item(Kind.MAIL, "m", "text", "m", author=people[0], people=people[1:])


def chat(name: str, where: str = "") -> Item:
    return Item(Kind.CHAT, "c", "text", "c", author=Person(name, where))


def card(*people: Person) -> Item:
    return Item(Kind.CONTACT, "k", "text", "k", people=people)


def book(*items: Item, region: str = "") -> Book:
    gathering = Gathering(region, [Person("Otto Owner", "otto@example.com")])
    for item in items:
        gathering.add(item)
    return gathering.book()


def others(found: Book) -> list[Known]:
    return [one for one in found.people if not one.owner]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Anna Sørensby", ("anna", "sorensby")),
        ("Sørensby, Anna", ("anna", "sorensby")),
        ("Dr. Anna Sørensby (Kystdata)", ("anna", "sorensby")),
        ('"ANNA SØRENSBY"', ("anna", "sorensby")),
        ("Anna Sørensby via LinkedIn", ("anna", "sorensby")),
        ("Jean-Luc O'Neill", ("jean-luc", "o'neill")),
        ("山田 太郎", ("山田", "太郎")),
        ("anna@example.org", ()),
        ("+45 12 34 56 78", ()),
        ("", ()),
        ("🙂", ()),
    ],
)
def test_names_are_compared_without_order_marks_and_titles(name: str, words: tuple[str, ...]) -> None:
    assert name_words(name) == words


@pytest.mark.parametrize(
    ("raw", "region", "known"),
    [
        ("Anna.Lind+news@GMail.com", "", "annalind@gmail.com"),
        ("anna.lind@example.org", "", "anna.lind@example.org"),
        ("mailto:Anna@Example.org", "", "anna@example.org"),
        ("07700 900123", "GB", "+447700900123"),
        ("07700 900123", "", "07700900123"),
        ("+44 (7700) 900-123", "", "+447700900123"),
        ("tel:+447700900123", "", "+447700900123"),
        ("telegram:User7", "", "telegram:user7"),
        ("12345", "", ""),
        ("nobody", "", ""),
        ("a b@c d", "", ""),
        ("@", "", ""),
        ("x" * 400 + "@example.org", "", ""),
    ],
)
def test_addresses_are_compared_in_one_form(raw: str, region: str, known: str) -> None:
    assert address(raw, region) == known


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [
        ("Anna Lind", "Anna Lind", True), ("A. Lind", "Anna Lind", True), ("Anna", "Anna Lind", True),
        ("Ann Lind", "Anna Lind", True), ("Anna Lind", "Jonas Lind", False), ("Anna Lind", "Anna Berg", False),
    ],
)  # fmt: skip
def test_two_names_agree_where_they_may_be_one_persons(one: str, other: str, may: bool) -> None:
    assert agree(name_words(one), name_words(other)) is may


def test_one_address_is_one_person_however_it_is_written() -> None:
    found = others(book(mail(Person("Anna Lind", "Anna@Example.org")), mail(Person("A. Lind", "anna@example.org"))))
    assert len(found) == 1
    assert found[0].name == "Anna Lind"
    assert found[0].addresses == ("anna@example.org",)
    assert found[0].seen == 2


def test_a_card_joins_its_addresses_and_says_so() -> None:
    (anna,) = others(
        book(
            card(Person("Anna Lind", "anna@example.org"), Person("Anna Lind", "+447700900123")),
            mail(Person("", "anna@example.org")), chat("", "+44 7700 900123"),
        )
    )  # fmt: skip
    assert anna.addresses == ("+447700900123", "anna@example.org")
    assert anna.why == ("+447700900123 and anna@example.org are on one card",)
    assert anna.sources == ("chat", "contact", "mail")


def test_a_first_name_alone_joins_nobody() -> None:
    found = others(book(card(Person("Anna Lind", "anna.lind@example.org")), chat("Anna"), mail(Person("Anna",
    "a@b.example"))))
    assert len(found) == 3


def test_the_same_whole_name_alone_joins_nobody_who_has_addresses() -> None:
    found = others(book(mail(Person("Anna Lind", "anna@one.example")), mail(Person("Anna Lind", "al77@two.example"))))
    assert sorted(one.addresses for one in found) == [("al77@two.example",), ("anna@one.example",)]


def test_two_addresses_made_of_the_same_name_are_one_persons() -> None:
    items = mail(Person("Anna Lind", "anna.lind@one.example")), mail(Person("Anna Lind", "lind-anna@two.example"))
    (anna,) = others(book(*items))
    assert len(anna.addresses) == 2
    assert "both made of the name anna lind" in anna.why[0]


def test_a_chat_that_names_people_as_the_contacts_do_is_joined_where_one_person_has_the_name() -> None:
    (anna,) = others(book(card(Person("Anna Lind", "anna@example.org")), chat("Anna Lind"), chat("Anna Lind",
    "telegram:7")))
    assert anna.addresses == ("anna@example.org", "telegram:7")
    found = others(
        book(card(Person("Anna Lind", "a@one.example")), card(Person("Anna Lind", "b@two.example")), chat("Anna Lind"))
    )
    assert len(found) == 3


def test_an_address_that_two_people_share_joins_neither() -> None:
    shared = "lind-berg@home.example"
    found = others(book(mail(Person("Anna Lind", shared)), mail(Person("Jonas Berg", shared)), chat("Jonas Berg",
    shared)))
    assert {(one.name, one.shared) for one in found} == {("Anna Lind", (shared,)), ("Jonas Berg", (shared,))}


def test_an_office_joins_nobody() -> None:
    office_of = "notifications@social.example"
    items = [mail(Person(f"{name} via Social", office_of)) for name in ("Anna Lind", "Jonas Berg")]
    found = others(book(*items, card(Person("Anna Lind", "anna@example.org")), chat("Anna Lind")))
    (anna,) = [one for one in found if "anna@example.org" in one.addresses]
    assert anna.shared == ()
    assert office(office_of) and office("no-reply@x.example") and not office("anna@x.example")


def test_a_word_means_everybody_it_may_mean_and_never_the_next_best() -> None:
    found = book(
        card(Person("Anna Lind", "anna@example.org")), card(Person("Anna Thorsgaard", "at@example.org")),
        card(Person("Hannah Berg", "hb@example.org")), card(Person("Joanna Ek", "je@example.org")),
    )  # fmt: skip
    assert {one.name for one in found.resolve("anna")} == {"Anna Lind", "Anna Thorsgaard"}
    assert [one.name for one in found.resolve("ANNA LIND")] == ["Anna Lind"]
    assert [one.name for one in found.resolve("anna tho")] == ["Anna Thorsgaard"]
    assert [one.name for one in found.resolve("han")] == ["Hannah Berg"]
    assert [one.name for one in found.resolve("je@example.org")] == ["Joanna Ek"]
    assert [one.name for one in found.resolve("me")] == ["Otto Owner"]
    assert found.resolve("bob") == () == found.resolve("an") == found.resolve("") == found.resolve("nobody@example.org")


def test_a_whole_name_means_those_who_have_it_and_not_those_who_have_more() -> None:
    found = book(card(Person("Anna Lind", "a@one.example")), card(Person("Anna Lind Berg", "b@two.example")))
    assert [one.name for one in found.resolve("Anna Lind")] == ["Anna Lind"]
    assert len(found.resolve("anna")) == 2


def test_filters_are_taken_out_of_the_question_and_hold_for_every_way_the_person_is_known() -> None:
    found = book(card(Person("Anna Lind", "anna@example.org"), Person("Anna Lind", "+447700900123")), chat("Anna Lind"))
    said = asked("from:anna what was  the hotel?", found)
    assert said.rest == "what was the hotel?"
    assert said.nobody == ()
    me = Person("Otto Owner", "otto@example.com")
    assert said.holds(Person("", "ANNA@example.org"), [me])
    assert said.holds(Person("A", "+44 7700 900123"), [])
    assert said.holds(Person("Anna Lind"), [me])
    assert not said.holds(Person("Anna"), [me])
    assert not said.holds(me, [Person("", "anna@example.org")])
    assert asked("with:anna x", found).holds(me, [Person("", "anna@example.org")])
    assert asked("to:anna x", found).holds(me, [Person("", "anna@example.org")])
    assert not asked("to:anna x", found).holds(Person("", "anna@example.org"), [me])


def test_a_filter_may_be_quoted_several_or_turned_round() -> None:
    found = book(card(Person("Anna Lind", "anna@example.org")), card(Person("Jonas Berg", "jb@example.org")))
    said = asked('from:"Anna Lind" with:jb@example.org -with:me when?', found)
    anna, jonas, me = Person("", "anna@example.org"), Person("", "jb@example.org"), Person("", "otto@example.com")
    assert said.rest == "when?"
    assert said.holds(anna, [jonas])
    assert not said.holds(anna, [jonas, me])
    assert not said.holds(anna, [])


def test_a_shared_address_matches_only_with_the_name() -> None:
    shared = "home@family.example"
    found = book(mail(Person("Anna Lind", shared)), mail(Person("Jonas Berg", shared)))
    said = asked("from:anna x", found)
    assert said.holds(Person("Anna Lind", shared), [])
    assert not said.holds(Person("Jonas Berg", shared), [])


def test_somebody_unknown_is_told_and_matches_nothing() -> None:
    said = asked("from:zelda what?", book())
    assert said.nobody == ("zelda",)
    assert not said.holds(Person("Zelda", "z@example.org"), [])


@pytest.mark.parametrize("question", ["what is from: here", "transform:anna", "see http://x/from:me", "from:",
'from:"'])
def test_what_only_looks_like_a_filter_is_left_in_the_question(question: str) -> None:
    assert asked(question, book()).filters == ()


def test_a_book_survives_being_dumped() -> None:
    found = book(card(Person("Anna Lind", "anna@example.org"), Person("", "07700 900123")), region="GB")
    again = Book.loaded(found.dumped())
    assert again == found
    assert again.resolve("07700900123") == found.resolve("anna")


def test_the_book_does_not_depend_on_the_order_of_what_is_read() -> None:
    items = [
        card(Person("Anna Lind", "anna@example.org"), Person("Anna Lind", "+447700900123")), chat("Anna Lind"),
        mail(Person("A Lind", "anna@example.org"), Person("Jonas Berg", "jb@example.org")), chat("Jonas Berg",
        "slack:U1"),
    ]  # fmt: skip
    assert {frozenset(one.addresses) for one in book(*items).people} == {
        frozenset(one.addresses) for one in book(*reversed(items)).people
    }


def test_everybody_of_a_generated_life_is_one_person_with_mail_and_phone() -> None:
    life = live(3, 400)
    gathering = Gathering("", [Person(life.cast.owner.name, life.cast.owner.mail)])
    for thing in life.things:
        if thing.app == App.CONTACT and thing.author:
            who = thing.author
            gathering.add(card(Person(who.name, who.mail), Person(who.name, who.phone)))
        elif thing.app in (App.WHATSAPP, App.MESSENGER, App.TELEGRAM) and thing.author:
            handle = f"telegram:user{thing.author.number}" if thing.app == App.TELEGRAM else ""
            gathering.add(chat(thing.author.name, handle))
        elif thing.author:
            gathering.add(mail(Person(thing.author.name, thing.author.mail)))
    found = gathering.book()
    assert len(found.people) == len(life.cast.everyone) + 2  # the owner and the stranger
    for one in life.cast.everyone:
        (person,) = found.resolve(one.mail)
        assert one.phone in person.addresses
        assert person in found.resolve(one.first)
    assert len(found.resolve(life.cast.friends[0].first)) == 2
