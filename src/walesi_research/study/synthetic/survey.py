"""The staff survey: who answers, when, and what they tick."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from walesi_research.study.synthetic.people import People
from walesi_research.study.synthetic.questionnaire import CONSTRUCTS, SCALE
from walesi_research.study.synthetic.world import World, stream

__all__ = ["COMMENTS", "ITEM_NAMES", "Survey", "draw_survey", "eligible"]

THRESHOLDS = np.array([-1.75, -0.95, 0.05, 1.15])
COMMENT_SHARE = 0.12
COMMENTS = (
    "Semoga pelatihan dibagi lebih merata.",
    "Jaringan internet di kantor sering putus.",
    "Terima kasih atas kesempatan mengisi survei ini.",
    "Mohon jadwal pelatihan diumumkan lebih awal.",
    "Perlu kendaraan dinas untuk kunjungan ke kampung.",
    "Rapat bulanan membantu kami bekerja sama.",
    "Ruang kerja perlu diperbaiki.",
    "Tidak ada tambahan.",
)
ITEMS = tuple((construct, item) for construct in CONSTRUCTS for item in construct.items)
ITEM_NAMES = tuple(item.name for _, item in ITEMS)


@dataclass(frozen=True, slots=True)
class Survey:
    """Answers of those who answered.

    Parameters
    ----------
    employee : ndarray of int, shape (respondents,)
    day : ndarray of datetime64[D], shape (respondents,)
    answers : ndarray of int8, shape (respondents, items)
        1–5 as ticked (reversed items are not turned round); 0 where missing.
    careless : ndarray of bool, shape (respondents,)
        Ticked the same answer throughout.
    comment : ndarray of int, shape (respondents,)
        Position in `COMMENTS`, -1 for none.
    """

    employee: np.ndarray
    day: np.ndarray
    answers: np.ndarray
    careless: np.ndarray
    comment: np.ndarray


def eligible(world: World, people: People) -> np.ndarray:
    """Tell who is in service through the survey's month and so could answer."""
    return people.in_service_on(np.datetime64(f"{world.last_year}-11-30", "D"))


def draw_survey(world: World, people: People, latent: dict[str, np.ndarray], chunk: int = 0) -> Survey:
    """Draw the answers.

    An item's answer is the interval between thresholds in which
    ``loading x latent + sqrt(1 - loading²) x error`` falls; a reversed item is turned round.
    """
    rng = stream(world, "survey", chunk)
    employee = np.flatnonzero(eligible(world, people) & _answers_at_all(world, rng, latent["motivation"]))
    n = len(employee)
    answers = np.empty((n, len(ITEMS)), np.int8)
    for column, (construct, item) in enumerate(ITEMS):
        error = rng.standard_normal(n, dtype=np.float32)
        response = item.loading * latent[construct.role][employee] + np.sqrt(1 - item.loading**2) * error
        answers[:, column] = _tick(response + item.ease)
    reverse = np.array([item.reverse for _, item in ITEMS])
    answers[:, reverse] = sum(SCALE) - answers[:, reverse]
    careless = rng.random(n) < world.careless
    answers[careless] = rng.integers(3, SCALE[1] + 1, (careless.sum(), 1))
    answers[rng.random(answers.shape, dtype=np.float32) < world.missing_items] = 0
    comment = np.where(rng.random(n) < COMMENT_SHARE, rng.integers(0, len(COMMENTS), n), -1)
    day = np.datetime64(f"{world.last_year}-11-04", "D") + rng.integers(0, 26, n)
    return Survey(employee, day, answers, careless, comment)


def _answers_at_all(world: World, rng: np.random.Generator, motivation: np.ndarray) -> np.ndarray:
    """Draw who answers; all with the same chance unless the world ties it to motivation."""
    if world.nonresponse in (0, 1):
        return np.full(len(motivation), world.nonresponse == 0)
    odds = np.log((1 - world.nonresponse) / world.nonresponse)
    odds = odds + world.nonresponse_of_motivation * motivation
    return rng.random(len(motivation)) < 1 / (1 + np.exp(-odds))


def _tick(response: np.ndarray) -> np.ndarray:
    """Return 1–5 by thresholds; comparing four times is faster than a binary search."""
    tick = np.ones(len(response), np.int8)
    for threshold in THRESHOLDS:
        tick += response > threshold
    return tick
