"""Classes made of single forms: one fact, the same among confusable ones, several values, several facts, no fact.

Knows forms and the scene; knows nothing of the other classes.
"""

from __future__ import annotations

from eval.needles.forms import FORMS, PLURAL, Form, about
from eval.needles.scene import Draft, Plan, Scene

COUNTS = {2: "two", 3: "three", 4: "four"}


def single(scene: Scene) -> Plan:
    """One fact in one record. Other needles of the run share its form, none its names."""
    form = scene.random.choice(FORMS)
    subject, value = scene.names.name(form.subject), scene.names.name(form.value)
    fact = stated(scene, form, subject, value, relevant=True)
    return Plan(asked(scene, form, subject), (fact,), (value,), subjects=(subject,))


def multi_key(scene: Scene) -> Plan:
    """Among four siblings with the same form and three other forms of the same subject."""
    form = scene.random.choice(FORMS)
    subject, value = scene.names.name(form.subject), scene.names.name(form.value)
    fact = stated(scene, form, subject, value, relevant=True)
    near, wrong = misses(scene, form, subject, 4)
    own, others = further(scene, form, subject, 3)
    return Plan(asked(scene, form, subject), (fact, *near, *own), (value,), (*wrong, *others), (subject,))


def multi_value(scene: Scene) -> Plan:
    """Two to four values of one subject, each in a record of its own, all needed; two siblings with one value each."""
    form = scene.random.choice(PLURAL)
    subject = scene.names.name(form.subject)
    values = [scene.names.name(form.value) for _ in range(2 + scene.number % 3)]
    drafts = [stated(scene, form, subject, value, relevant=True) for value in values]
    near, wrong = misses(scene, form, subject, 2)
    question = f"{asked(scene, form, subject)} Name all {COUNTS[len(values)]}."
    return Plan(question, (*drafts, *near), tuple(values), tuple(wrong), (subject,))


def multi_query(scene: Scene) -> Plan:
    """Two or three facts in one question, of different forms; each has a sibling of its own."""
    forms = scene.random.sample(FORMS, 2 + scene.number % 2)
    drafts: list[Draft] = []
    questions: list[str] = []
    values: list[str] = []
    rivals: list[str] = []
    subjects: list[str] = []
    for form in forms:
        subject, value = scene.names.name(form.subject), scene.names.name(form.value)
        drafts.append(stated(scene, form, subject, value, relevant=True))
        near, wrong = misses(scene, form, subject, 2)
        drafts += near
        rivals += wrong
        questions.append(asked(scene, form, subject))
        values.append(value)
        subjects.append(subject)
    return Plan(together(questions), tuple(drafts), tuple(values), tuple(rivals), tuple(subjects))


def absent(scene: Scene) -> Plan:
    """Four siblings with the form asked for, and three other facts of the subject; the fact asked for is nowhere."""
    form = scene.random.choice(FORMS)
    subject = scene.names.name(form.subject)
    near, wrong = misses(scene, form, subject, 4)
    own, others = further(scene, form, subject, 3)
    return Plan(asked(scene, form, subject), (*near, *own), (), (*wrong, *others), (subject,))


def deleted(scene: Scene) -> Plan:
    """The fact is planted and deleted again; two siblings and one other fact of the subject stay."""
    form = scene.random.choice(FORMS)
    subject, value = scene.names.name(form.subject), scene.names.name(form.value)
    gone = Draft(form.statement(subject, value, scene.random.randrange(2)), deleted=True)
    near, wrong = misses(scene, form, subject, 2)
    own, others = further(scene, form, subject, 1)
    return Plan(asked(scene, form, subject), (gone, *near, *own), (), (value, *wrong, *others), (subject,))


def stated(scene: Scene, form: Form, subject: str, value: str, relevant: bool = False) -> Draft:
    """A fact in one of its wordings."""
    return Draft(form.statement(subject, value, scene.random.randrange(2)), relevant)


def asked(scene: Scene, form: Form, subject: str) -> str:
    """Its question in one of its wordings."""
    return form.question(subject, scene.random.randrange(2))


def misses(scene: Scene, form: Form, subject: str, count: int) -> tuple[list[Draft], list[str]]:
    """The same form said of siblings of the subject, and their values: half of them siblings of one another."""
    drafts: list[Draft] = []
    values: list[str] = []
    for number, sibling in enumerate(scene.names.siblings(subject, count)):
        value = scene.names.sibling(values[-1]) if number % 2 else scene.names.name(form.value)
        drafts.append(stated(scene, form, sibling, value))
        values.append(value)
    return drafts, values


def further(scene: Scene, form: Form, subject: str, count: int) -> tuple[list[Draft], list[str]]:
    """Other facts of the same subject, and those of their values that could be taken for what is asked."""
    drafts: list[Draft] = []
    values: list[str] = []
    for other in scene.random.sample([one for one in about(form.subject) if one is not form], count):
        value = scene.names.name(other.value)
        drafts.append(stated(scene, other, subject, value))
        values += [value] if other.value is form.value else []
    return drafts, values


def together(questions: list[str]) -> str:
    """Several questions as one sentence."""
    rest = [question[:1].lower() + question[1:] for question in questions[1:]]
    parts = [question.rstrip("?") for question in (questions[0], *rest)]
    return ", ".join(parts[:-1]) + f", and {parts[-1]}?"
