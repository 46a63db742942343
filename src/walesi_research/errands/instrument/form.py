"""The questionnaire: consent first, then who answers, then a page for each construct."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from walesi_research.errands.instrument.answers import Answers, answers_of
from walesi_research.errands.instrument.names import field_names, free
from walesi_research.errands.instrument.source import Source
from walesi_research.exhibits.text import clean
from walesi_research.language import LANGUAGES, say

__all__ = ["Consent", "Form", "Question", "form_of"]

Words = Mapping[str, str]
TODAY = "once(format-date(today(), '%Y-%m-%d'))"
FEW_UNITS = 8
"""Units that are listed below one another; more are searched for."""
OWN = ("consent_page", "consent_text", "consent", "answers", "about_you", "unit", "closing", "refused")


@dataclass(frozen=True, kw_only=True)
class Consent:
    """What those who are asked must be told, and only who asks can say.

    Parameters
    ----------
    controller : str
        Who answers for the data: the institution, and its address.
    contact : str
        Whom to write or call.
    keep : str
        Until when the answers are kept.
    """

    controller: str = ""
    contact: str = ""
    keep: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still to be filled in."""
        return tuple(name for name in ("controller", "contact", "keep") if not getattr(self, name).strip())

    def said(self, name: str, language: str) -> str:
        """Return what was given, else the place where it is to be filled in."""
        return getattr(self, name).strip() or say(language, f"instrument.fill_{name}")


@dataclass(frozen=True, kw_only=True)
class Question:
    """One row of the sheet ``survey``; names of parameters are the sheet's columns."""

    type: str
    name: str = ""
    label: Words = field(default_factory=dict)
    hint: Words = field(default_factory=dict)
    required: bool = False
    relevant: str = ""
    appearance: str = ""
    constraint: str = ""
    constraint_message: Words = field(default_factory=dict)
    calculation: str = ""


@dataclass(frozen=True, kw_only=True)
class Form:
    """A questionnaire.

    Parameters
    ----------
    id, title : str
    language : str
        The language that is shown first.
    questions : tuple of Question
    choices : mapping of str to tuple
        Name and words of each choice, by list.
    """

    id: str
    title: str
    language: str
    questions: tuple[Question, ...]
    choices: Mapping[str, tuple[tuple[str, Words], ...]]

    @property
    def version(self) -> str:
        """Twelve letters that change whenever a question does."""
        content = [[repr(q) for q in self.questions], {k: list(map(str, v)) for k, v in self.choices.items()}]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


def form_of(source: Source, consent: Consent, *, wave: int = 1, comment: bool = False) -> Form:
    """Return the questionnaire of a study.

    Parameters
    ----------
    source : Source
    consent : Consent
    wave : int
        Which wave of the survey is asked.
    comment : bool
        Whether free words are asked for at the end; the toolkit never reads them.

    Raises
    ------
    UserError
        If an item has a name that no field may have.
    """
    study, fields = source.settings.study, field_names(source.settings, source.codebook)
    groups = _groups(source, fields)
    names = {name: free(name, (*fields.values(), *groups.values())) for name in OWN}
    questions = (
        *_consent(source, consent, names, comment),
        Question(type="begin_group", name=names["answers"], relevant=f"${{{names['consent']}}} = 'yes'"),
        Question(type="calculate", name=fields["date"], calculation=TODAY),
        Question(type="calculate", name=fields["wave"], calculation=str(wave)),
        *_who(source, fields, names),
        *_pages(source, fields, groups),
        *(_closing(names, fields) if comment else ()),
        Question(type="end_group"),
        Question(
            type="note",
            name=names["refused"],
            label=_both("refused"),
            relevant=f"${{{names['consent']}}} = 'no'",
        ),
    )
    return Form(
        id=study.id,
        title=_plain(study.title[study.language]),
        language=study.language,
        questions=questions,
        choices=_choices(source),
    )


def _groups(source: Source, fields: Words) -> dict[str, str]:
    """Return the name of each construct's page; its neighbours have other names, as a form asks for."""
    found: dict[str, str] = {}
    for name in source.codebook.constructs:
        found[name] = free(name, (fields["date"], fields["wave"], *found.values()))
    return found


def _both(key: str, **values: object) -> dict[str, str]:
    return {code: say(code, f"instrument.{key}", **values) for code in LANGUAGES}


def _plain(text: str) -> str:
    """Return text on one line in which a form sees no reference to a field."""
    return clean(text).replace("${", "$ {")


def _group(name: str, label: Words, inside: Iterator[Question]) -> Iterator[Question]:
    """Yield questions as one page."""
    yield Question(type="begin_group", name=name, label=label, appearance="field-list")
    yield from inside
    yield Question(type="end_group")


def _consent(source: Source, consent: Consent, names: Words, comment: bool) -> Iterator[Question]:
    def told(language: str) -> str:
        given = {name: _plain(consent.said(name, language)) for name in ("controller", "contact", "keep")}
        title = _plain(source.settings.study.title[language])
        minimum, items = source.settings.privacy.minimum_cell, len(source.codebook.items)
        use = say(language, f"instrument.use_{source.use}")
        what = "what_comment" if comment else "what"
        parts = ("voluntary", "purpose", "who", what, "guarded", "kept", "rights")
        said = (
            say(language, f"instrument.{part}", title=title, minimum=minimum, items=items, use=use, **given)
            for part in parts
        )
        return "\n\n".join(said)

    def page() -> Iterator[Question]:
        text = {code: told(code) for code in LANGUAGES}
        yield Question(type="note", name=names["consent_text"], label=text)
        yield Question(type="select_one yes_no", name=names["consent"], label=_both("consent"), required=True)

    yield from _group(names["consent_page"], _both("consent_page"), page())


def _who(source: Source, fields: Words, names: Words) -> Iterator[Question]:
    def page() -> Iterator[Question]:
        yield Question(
            type="text", name=fields["employee_id"], label=_both("employee_id"), hint=_both("employee_hint"),
            required=True,
        )  # fmt: skip
        if source.units:
            look = "minimal autocomplete" if len(source.units) > FEW_UNITS else ""
            yield Question(
                type="select_one unit",
                name=names["unit"],
                label=_both("unit"),
                required=True,
                appearance=look,
            )
        else:
            yield Question(
                type="text", name=names["unit"], label=_both("unit"), hint=_both("unit_hint"), required=True
            )

    yield from _group(names["about_you"], _both("about_you"), page())


def _pages(source: Source, fields: Words, groups: Words) -> Iterator[Question]:
    """Yield a page for each construct; its name is not shown, for it would tell what is being looked for."""
    constructs, number = source.codebook.constructs, len(source.codebook.constructs)
    untranslated = set(source.untranslated)
    for at, (name, construct) in enumerate(constructs.items(), 1):
        answers = answers_of(construct)
        items = (
            _item(fields[item], _statement(words, source, item in untranslated), answers)
            for item, words in construct.items.items()
        )
        yield from _group(groups[name], _both("page", at=at, number=number), items)


def _statement(words: object, source: Source, untranslated: bool) -> dict[str, str]:
    """Return an item's words, marked in the language that they are probably not written in."""
    mine = source.settings.study.language
    return {
        code: _plain(words[code])
        + (f" [{say(code, 'instrument.untranslated')}]" if untranslated and code != mine else "")
        for code in LANGUAGES
    }


def _item(name: str, label: Words, answers: Answers) -> Question:
    if answers.typed:
        return Question(
            type="integer", name=name, label=label,
            constraint=f". >= {answers.low} and . <= {answers.high}",
            constraint_message=_both("range", low=str(answers.low), high=str(answers.high)),
        )  # fmt: skip
    kind = f"select_one {answers.list_name}"
    return Question(type=kind, name=name, label=label, appearance=answers.appearance)


def _closing(names: Words, fields: Words) -> Iterator[Question]:
    name = free("comment", fields.values())
    asked = Question(
        type="text", name=name, label=_both("comment"), hint=_both("comment_hint"), appearance="multiline"
    )
    yield from _group(names["closing"], _both("closing"), iter([asked]))


def _choices(source: Source) -> dict[str, tuple[tuple[str, Words], ...]]:
    """Return the lists of choices; a unit is named in the data as on the pages of the report."""
    lists = {"yes_no": tuple((name, _both(name)) for name in ("yes", "no"))}
    if source.units:
        units = dict.fromkeys(map(clean, source.units))
        lists["unit"] = tuple((unit, dict.fromkeys(LANGUAGES, _plain(unit))) for unit in units)
    for construct in source.codebook.constructs.values():
        answers = answers_of(construct)
        if not answers.typed:
            lists[answers.list_name] = tuple((str(point), words) for point, words in answers.choices())
    return lists
