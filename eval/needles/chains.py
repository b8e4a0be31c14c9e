"""Chains: the question names the head, each record names the next link, and only the last holds the answer.

Knows which forms meet; knows nothing of the other classes.
"""

from __future__ import annotations

from collections.abc import Sequence

from cascade.errors import BadConfig
from eval.needles.facts import misses, stated
from eval.needles.forms import FORMS, Form, about, phrase
from eval.needles.names import Entity
from eval.needles.scene import Draft, Plan, Scene

LEAST, MOST = 2, 5


def multi_hop(scene: Scene) -> Plan:
    """`scene.hops` links. Each link has a sibling with the same form, the last has two: `rivals` are their values."""
    if not LEAST <= scene.hops <= MOST:
        raise BadConfig(f"A chain of {scene.hops} links was asked for. Ask for {LEAST} to {MOST}.")
    forms = route(scene)
    names = [scene.names.name(forms[0].subject), *(scene.names.name(form.value) for form in forms)]
    links = [stated(scene, form, names[at], names[at + 1], relevant=True) for at, form in enumerate(forms)]
    near: list[Draft] = []
    wrong: list[str] = []
    for at, form in enumerate(forms):
        drafts, wrong = misses(scene, form, names[at], 2 if at == len(forms) - 1 else 1)
        near += drafts
    question = forms[-1].asked(phrase(tuple(forms[:-1]), names[0]), scene.random.randrange(2))
    return Plan(question, (*links, *near), (names[-1],), tuple(wrong), (names[0],), hops=scene.hops)


def route(scene: Scene) -> list[Form]:
    """Forms that meet, none of them twice; every one but the last gives something of which more can be said."""
    while True:
        forms = [scene.random.choice([form for form in FORMS if form.value is not Entity.NUMBER])]
        while len(forms) < scene.hops:
            forms += _next(scene, forms, last=len(forms) == scene.hops - 1)
            if forms[-1] is forms[-2]:
                break
        else:
            return forms


def _next(scene: Scene, forms: Sequence[Form], last: bool) -> list[Form]:
    """A form that goes on from the last one; that one again where none does."""
    fit = [form for form in about(forms[-1].value) if form not in forms and (last or form.value is not Entity.NUMBER)]
    return [scene.random.choice(fit) if fit else forms[-1]]
