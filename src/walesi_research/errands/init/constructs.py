"""Items become constructs: by group, code and scale, else by what their words and their answers share."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from walesi_research.errands.init.items import Answers, Scaled, scaled
from walesi_research.errands.init.names import plain
from walesi_research.errands.init.reverse import Reversed, reversed_items
from walesi_research.errands.init.roles import (
    LABELS,
    NEUTRAL_ROLE,
    role_in_code,
    role_in_words,
    roles_in_words,
)
from walesi_research.errands.init.segments import segments
from walesi_research.study.codebook import RESERVED, Role

__all__ = ["Group", "Item", "constructs_of", "label_of"]

LONGEST = 12
"""Items in one group beyond which the group is the whole questionnaire, and words tell constructs apart."""

MOSTLY = 0.8
"""Share of all items from which one prefix says nothing."""


@dataclass(frozen=True)
class Item:
    """An item: its name in the codebook, its column in the file, its words."""

    name: str
    answers: Answers

    @property
    def column(self) -> str:
        """The column, as in the file."""
        return self.answers.heading.name

    @property
    def words(self) -> str:
        """The statement."""
        return self.answers.heading.words


@dataclass(frozen=True)
class Group:
    """A construct as guessed.

    Parameters
    ----------
    name : str
        Its name in the codebook.
    role : Role
        What it measures.
    told_by : {"words", "code", "nothing"}
        What told the role.
    by : {"group", "order", "rest"}
        What told that the items belong together.
    label : str
        Words of the file for it; empty where it has none.
    """

    name: str
    role: Role
    told_by: str
    by: str
    label: str
    items: tuple[Item, ...]
    scaled: Scaled
    reverse: Reversed


def constructs_of(answers: Sequence[Answers], frame: pd.DataFrame) -> list[Group]:
    """Return the constructs of a questionnaire.

    Parameters
    ----------
    answers : sequence of Answers
        The columns with answers on a scale, in the file's order.
    frame : DataFrame
        The sheet.
    """
    scales = _scales(answers)
    numbers = _numbers(answers, scales, frame)
    blocks = []
    for (label, *_), block in _blocks(answers, scales).items():
        whole = _is_whole(label, block, len(answers))
        blocks += _in_order(block, numbers) if whole else [("group", label, block)]
    return _named(blocks, scales, numbers)


def _scales(answers: Sequence[Answers]) -> dict[str, Scaled]:
    """Return each column's scale: shared by a family of words, or by the numbers of a group."""
    families = defaultdict(list)
    for a in answers:
        families[(a.kind, a.family if a.kind == "words" else a.heading.group)].append(a)
    if ("words", "") in families:  # only 'neutral' was chosen: the words of the others say what of
        homeless = families.pop(("words", ""))
        most = max(
            (key for key in families if key[0] == "words"), key=lambda k: len(families[k]), default=None
        )
        families[most or ("words", "")] = families.get(most, []) + homeless
    found = {}
    for members in families.values():
        together = scaled(members)
        for group in _split(members, together):
            found |= dict.fromkeys(
                (a.heading.name for a in group), scaled(group) if group is not members else together
            )
    return found


def _split(members: list[Answers], together: Scaled) -> list[list[Answers]]:
    """Keep one scale for a family of words unless its groups have shorter ones of their own."""
    if members[0].kind != "words" or together.scale[1] <= 5:
        return [members]
    groups = defaultdict(list)
    for a in members:
        groups[a.heading.group].append(a)
    shorter = all(scaled(group).scale[1] < together.scale[1] for group in groups.values())
    return list(groups.values()) if shorter else [members]


def _numbers(answers: Sequence[Answers], scales: Mapping[str, Scaled], frame: pd.DataFrame) -> pd.DataFrame:
    columns = {}
    for a in answers:
        name = a.heading.name
        points = {t: float(v) for t, v in a.places.items() if a.kind != "words"} | dict(
            scales[name].maps[name]
        )
        columns[name] = frame[name].astype("object").map(points).astype(float)
    return pd.DataFrame(columns, index=frame.index)


def _blocks(answers: Sequence[Answers], scales: Mapping[str, Scaled]) -> dict[tuple, list[Answers]]:
    blocks: dict[tuple, list[Answers]] = defaultdict(list)
    for a in answers:
        blocks[(a.heading.group, scales[a.heading.name].scale)].append(a)
    return blocks


def _is_whole(label: str, block: Sequence[Answers], all_of_them: int) -> bool:
    """Tell whether a block is the questionnaire and no construct: one prefix groups all of it."""
    if not label:
        return True
    spoken = block[0].heading.stem or role_in_code(label)
    return not spoken and len(block) > LONGEST and len(block) >= MOSTLY * all_of_them


def _in_order(block: Sequence[Answers], numbers: pd.DataFrame) -> list[tuple[str, str, list[Answers]]]:
    """Cut a questionnaire without groups into constructs; single items are kept together as the rest."""
    roles = [roles_in_words(a.heading.words) for a in block]
    cuts = segments(numbers[[a.heading.name for a in block]], roles)
    parts = [("order", "", list(block[start:end])) for start, end in cuts if end - start > 1]
    rest = [block[start] for start, end in cuts if end - start == 1]
    return parts + ([("rest", "", rest)] if rest else [])


def _named(
    blocks: list[tuple[str, str, list[Answers]]], scales: Mapping[str, Scaled], numbers: pd.DataFrame
) -> list[Group]:
    groups: list[Group] = []
    taken: set[str] = set()
    names: set[str] = set()
    for by, label, block in blocks:
        stem = next((a.heading.stem for a in block if a.heading.stem), "")
        role, told_by = _role(by, label, stem, block, {group.role for group in groups})
        name = _free(_slug(stem or ("" if by != "group" else label), role), names)
        items = tuple(Item(_item_name(a, name, i, taken), a) for i, a in enumerate(block, start=1))
        columns = numbers[[item.column for item in items]].set_axis([item.name for item in items], axis=1)
        reverse = reversed_items(columns, {item.name: item.words for item in items})
        shared = scales[block[0].heading.name]
        groups.append(Group(name, role, told_by, by, stem, items, shared, reverse))
    return groups


def _role(by: str, label: str, stem: str, block: Sequence[Answers], taken: set[Role]) -> tuple[Role, str]:
    """Return a construct's role, and what told it."""
    named = f"{stem} {label}" if len(label) > 4 or stem else ""
    in_code = role_in_code(label, taken)
    role = role_in_words(named, [a.heading.words for a in block], in_code)
    if role is not None:
        return role, "words"
    return (in_code, "code") if in_code is not None else (NEUTRAL_ROLE, "nothing")


def _slug(text: str, role: Role) -> str:
    """Return a name of a construct: the file's own, short; else the role's."""
    words = plain(text).split()
    own = "_".join(words[:4])[:30].strip("_")
    if role != NEUTRAL_ROLE and (len(words) > 4 or len(own) < 5):
        return {"culture": "work_culture"}.get(role, role)
    return own if re.match(r"[a-z]", own) else f"c_{own}" if own else "items"


def _free(name: str, taken: set[str]) -> str:
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    taken.add(free)
    return free


def _item_name(answers: Answers, construct: str, number: int, taken: set[str]) -> str:
    """Return the item's own code where it has one, else the construct's name and a number."""
    code = answers.heading.code
    own = code if code and code.casefold() not in {*RESERVED, *taken} else f"{construct}_{number}"
    while own.casefold() in taken:
        own += "_"
    taken.add(own.casefold())
    return own


def label_of(group: Group) -> tuple[str, str]:
    """Return words for a construct in both languages: the file's own, else the role's."""
    is_code = re.fullmatch(r"[a-z0-9_]+", group.label) is not None
    if group.label and len(group.label) <= 80 and not (is_code and group.role != NEUTRAL_ROLE):
        return group.label, group.label
    if group.role == NEUTRAL_ROLE:
        named = group.name.replace("_", " ").capitalize()
        return named.replace("Items", "Butir"), named
    return LABELS[group.role]
