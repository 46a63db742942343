"""``codebook.toml`` as text: constructs and items, and why each is as it is."""

from __future__ import annotations

from walesi_research.errands.init.bilingual import in_both
from walesi_research.errands.init.constructs import Group, label_of
from walesi_research.errands.init.draft import Draft, Note
from walesi_research.errands.init.toml import Mark, Page, quoted, quoted_list, short, worded
from walesi_research.language import Message, say

__all__ = ["codebook_text"]

SURELY = 0.3
"""Correlation with the others from which words that deny are no reason to doubt an item."""


def codebook_text(draft: Draft, marks: list[Mark]) -> str:
    """Return ``codebook.toml``; its marks are added to `marks`."""
    page = Page("codebook.toml", draft.language, marks)
    page.comment(say(draft.language, "init.head_codebook"))
    both = [in_both(item.words) for group in draft.groups for item in group.items]
    if any(first == second for first, second in both):
        page.notes("items", [Note("check", Message.of("init.one_language"))])
    for group in draft.groups:
        _construct(page, draft, group)
    return page.text()


def _construct(page: Page, draft: Draft, group: Group) -> None:
    place = f"constructs.{group.name}"
    page.section(place)
    page.notes(place, [_why_together(group)])
    page.key("role", quoted(group.role), f"{place}.role", [_why_role(group)])
    page.key(
        "scale", f"[{group.scaled.scale[0]}, {group.scaled.scale[1]}]", f"{place}.scale", _why_scale(group)
    )
    page.key("label", worded(label_of(group)))
    page.key("source", '""', place, [Note("fact", Message.of("init.source_wanted"))])
    notes = _why_reverse(group)
    if group.reverse.items or notes:
        page.key("reverse", quoted_list(group.reverse.items), f"{place}.reverse", notes)
    page.section(f"{place}.items")
    for item in group.items:
        page.key(item.name, worded(in_both(item.words)))


def _why_together(group: Group) -> Note:
    first = group.items[0].answers.heading
    words = {"n": len(group.items), "group": short(first.stem or first.group)}
    return Note("check" if group.by == "rest" else "guess", Message.of(f"init.together_{group.by}", **words))


def _why_role(group: Group) -> Note:
    kind = "guess" if group.told_by == "words" else "check"
    return Note(
        kind,
        Message.of(f"init.role_{group.told_by}", role=group.role, name=group.items[0].answers.heading.group),
    )


def _why_scale(group: Group) -> list[Note]:
    answers = group.items[0].answers
    key = "scale_turned" if group.scaled.turned else f"scale_{answers.kind}"
    sure = answers.kind == "numbered" and not group.scaled.turned
    seen = sorted({text for item in group.items for text in item.answers.places})
    low, high = group.scaled.scale
    points = high - low + 1
    distinct = {v for item in group.items for v in item.answers.places.values()}
    others = group.scaled.others if len(distinct) < points else ()
    kind = (
        "check"
        if answers.kind == "codes" or (not sure and len(distinct) < points) or group.scaled.turned
        else "guess"
    )
    return [Note(kind, Message.of(f"init.{key}", n=points, seen=", ".join(map(short, seen[:8]))), others)]


def _why_reverse(group: Group) -> list[Note]:
    notes = []
    clear = [item for item in group.reverse.items if item not in group.reverse.doubtful]
    r = group.reverse.correlations or {}
    if clear:
        notes.append(Note("guess", Message.of("init.reverse_clear", items=", ".join(clear))))
    for item in group.reverse.doubtful:
        key = "reverse_doubtful" if item in group.reverse.items else "reverse_not"
        if item in r:
            plainly = key == "reverse_not" and r[item] > SURELY
            notes.append(
                Note("guess" if plainly else "check", Message.of(f"init.{key}", item=item, r=r[item]))
            )
        else:
            notes.append(Note("check", Message.of("init.reverse_few", item=item)))
    return notes
