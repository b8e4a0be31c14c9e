"""How messages become items: the same stretches whatever part of a history an export holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from indexers.records import Skipped
from indexers.sources.connectors.base import Caution, Item, Origin, Person
from indexers.sources.connectors.chats.stretches import Chat, Message, group, in_order, stretches
from indexers.sources.connectors.clock import instant

CHAT = Chat("test:1", "Anna", (Person("Anna", "a@x"),))
START = datetime(2024, 5, 1, 8, 30, tzinfo=UTC)


def message(number: int, minutes: float, text: str = "hello", name: str = "Anna", **more: object) -> Message:
    at = instant(START + timedelta(minutes=minutes))
    return Message(str(number), at, text, f"chat#{number}", Person(name), mine=name == "Ben", **more)  # type: ignore[arg-type]


def items(messages: list[Message]) -> list[Item]:
    return [item for item in stretches(CHAT, messages) if isinstance(item, Item)]


def test_messages_close_in_time_are_one_item_with_a_line_each() -> None:
    [item] = items([message(1, 0, "when?"), message(2, 5, "seven\nat the pier", "Ben")])
    assert item.text == "08:30 Anna: when?\n08:35 Ben: seven\nat the pier"
    assert (item.native, item.thread, item.title, item.locator) == ("test:1/1", "test:1", "Anna", "chat#1")
    assert item.moment.iso == "2024-05-01T08:30:00+00:00"
    assert dict(item.extra) == {"messages": 2, "until": "2024-05-01T08:35:00+00:00"}
    assert item.author is None and item.origin is Origin.OTHER
    assert [person.name for person in item.people] == ["Anna", "Ben"]


def test_a_stretch_ends_before_a_silence_of_more_than_an_hour() -> None:
    assert [item.native for item in items([message(1, 0), message(2, 60), message(3, 121)])] == ["test:1/1", "test:1/3"]


def test_a_stretch_ends_where_the_day_ends() -> None:
    late = (24 * 60) - 8 * 60 - 30
    assert [item.native for item in items([message(1, late - 1), message(2, late)])] == ["test:1/1", "test:1/2"]


def test_no_stretch_grows_beyond_its_cap_and_a_long_message_stands_alone() -> None:
    found = items([message(number, number * 0.1, "x" * 90) for number in range(200)])
    assert all(len(item.text) <= 1_500 for item in found)
    assert sum(int(item.extra["messages"]) for item in found) == 200
    alone = items([message(1, 0), message(2, 1, "y" * 5_000), message(3, 2)])
    assert [int(item.extra["messages"]) for item in alone] == [1, 1, 1]


def test_one_author_is_the_items_author_and_a_monologue_of_mine_is_mine() -> None:
    [item] = items([message(1, 0, name="Ben"), message(2, 1, name="Ben")])
    assert item.author == Person("Ben") and item.origin is Origin.MINE
    assert [person.name for person in item.people] == ["Ben", "Anna"]  # whom it was said to


def test_a_message_with_a_caution_changes_no_other_stretch() -> None:
    plain = [message(number, number) for number in range(6)]
    gone = message(9, 2.5, "the secret", cautions=frozenset({Caution.DISAPPEARING}))
    mixed = items([*plain[:3], gone, *plain[3:]])
    assert [item for item in mixed if not item.cautions] == items(plain)
    assert [item.text for item in mixed if item.cautions] == ["08:32 Anna: the secret"]


def test_answers_in_a_thread_run_beside_the_conversation() -> None:
    found = items([message(1, 0, "a"), message(2, 1, "b"), message(3, 2, "to a", branch="1"), message(4, 3, "c")])
    assert [(item.text.count("\n") + 1, item.extra.get("answers", "")) for item in found] == [(3, ""), (1, "1")]


def test_more_than_two_people_are_a_group() -> None:
    assert (group(2), group(3)) == (frozenset(), {Caution.GROUP})


def test_a_message_that_says_nothing_is_left_out_and_what_was_skipped_goes_through() -> None:
    skipped = Skipped("test", "chat#1", "why")
    assert list(stretches(CHAT, [message(1, 0, "  "), skipped])) == [skipped]


def test_what_was_read_before_damage_is_not_lost() -> None:
    def damaged() -> object:
        yield message(1, 0)
        raise EOFError

    found = []
    try:
        for thing in stretches(CHAT, damaged()):  # type: ignore[arg-type]
            found.append(thing)
    except EOFError:
        found.append("damage")
    assert [getattr(thing, "native", thing) for thing in found] == ["test:1/1", "damage"]


def test_messages_in_another_order_are_put_in_order_of_time() -> None:
    newest_first = [message(number, number) for number in range(9, 0, -1)]
    assert [found.id for found in in_order(newest_first)] == [str(number) for number in range(1, 10)]  # type: ignore[union-attr]


HISTORIES = st.lists(
    st.tuples(st.sampled_from([0, 0.2, 1, 7, 59, 61, 600, 1500]), st.integers(1, 700), st.booleans()), max_size=60
)


def _history(shape: list[tuple[float, int, bool]]) -> list[Message]:
    minutes, found = 0.0, []
    for number, (pause, length, mine) in enumerate(shape):
        minutes += pause
        found.append(message(number, minutes, "x" * length, "Ben" if mine else "Anna"))
    return found


@settings(max_examples=200, deadline=None)
@given(HISTORIES, st.integers(0, 60))
def test_more_history_after_changes_only_the_last_stretch_which_grows(
    shape: list[tuple[float, int, bool]], cut: int
) -> None:
    history = _history(shape)
    whole, part = items(history), items(history[:cut])
    assert [item.native for item in whole][: len(part)] == [item.native for item in part]
    assert whole[: len(part) - 1] == part[:-1] if part else True
    if part:
        assert whole[len(part) - 1].text.startswith(part[-1].text)


@settings(max_examples=200, deadline=None)
@given(HISTORIES, st.integers(0, 60))
def test_more_history_before_changes_nothing_after_the_first_silence(
    shape: list[tuple[float, int, bool]], cut: int
) -> None:
    history = _history(shape)
    whole, part = items(history), items(history[cut:])
    silent = [
        later.moment.iso
        for earlier, later in zip(history[cut:], history[cut + 1 :], strict=False)
        if later.moment.iso[:10] != earlier.moment.iso[:10]
        or datetime.fromisoformat(later.moment.iso) - datetime.fromisoformat(earlier.moment.iso) > timedelta(hours=1)
    ]
    if silent:
        assert [item for item in part if item.moment.iso >= silent[0]] == [
            item for item in whole if item.moment.iso >= silent[0] and item.locator
        ]


def test_an_export_that_begins_within_a_busy_hour_falls_in_step_after_a_few_messages() -> None:
    history = [message(number, number * 0.2, f"message number {number} of a busy evening") for number in range(400)]
    whole = {item.native: item.text for item in items(history)}
    for cut in range(1, 300, 7):
        part = items(history[cut:])
        step = next(at for at, item in enumerate(part) if whole.get(item.native) == item.text)
        assert all(whole[item.native] == item.text for item in part[step:])
        assert sum(int(item.extra["messages"]) for item in part[:step]) < 120
