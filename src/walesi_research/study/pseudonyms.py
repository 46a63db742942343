"""Keyed pseudonyms in place of identifiers.

A pseudonym is ``p`` and the first 16 hexadecimal digits of HMAC-SHA256 (RFC 2104) of the identifier under a
secret key of 32 bytes. With the key file beside the study the same person keeps the same pseudonym from run
to run; without it a fresh key is drawn, used once and forgotten. Employees and raters share one namespace.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from pathlib import Path

import pandas as pd

from walesi_research.language import Message
from walesi_research.problems import Problem, UserError

__all__ = ["KEY_FILE", "is_pseudonym", "new_key", "pseudonymise", "read_key"]

KEY_FILE = "pseudonym.key"
KEY_BYTES = 32
DIGITS = 16
PATTERN = re.compile(rf"p[0-9a-f]{{{DIGITS}}}")


def pseudonymise(identifiers: pd.Series, key: bytes) -> pd.Series:
    """Replace identifiers by pseudonyms.

    Parameters
    ----------
    identifiers : Series of category
        Identifiers; missing ones stay missing.
    key : bytes
        The secret key.

    Returns
    -------
    Series of str
        Pseudonyms over the same index.
    """
    names = [_pseudonym(text, key) for text in identifiers.cat.categories]
    lookup = pd.array([*names, None], dtype="str")
    return pd.Series(lookup[identifiers.cat.codes.to_numpy()], index=identifiers.index, name=identifiers.name)


def _pseudonym(identifier: str, key: bytes) -> str:
    return "p" + hmac.digest(key, identifier.encode(), "sha256").hex()[:DIGITS]


def is_pseudonym(text: str) -> bool:
    """Tell whether a text has the form of a pseudonym."""
    return PATTERN.fullmatch(text) is not None


def new_key(folder: str | Path) -> Path:
    """Write a fresh random key into a study folder, readable by its owner only, and return its path.

    Raises
    ------
    UserError
        If the folder has a key already (another one would give everybody a new pseudonym) or cannot be
        written to.
    """
    path = Path(folder) / KEY_FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise _refused("check.key_exists") from None
    except OSError:
        raise _refused("check.key_unwritable") from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
    return path


def read_key(folder: Path) -> bytes:
    """Return the key of a study folder, or a fresh random one where it has none.

    Raises
    ------
    UserError
        If others may read the key file, or it holds no key.
    """
    path = folder / KEY_FILE
    try:
        mode, text = path.stat().st_mode, path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return secrets.token_bytes(KEY_BYTES)
    except (OSError, UnicodeDecodeError):
        raise _refused("check.key_unusable") from None
    if os.name == "posix" and mode & 0o077:
        raise UserError(
            (
                Problem(
                    what=Message.of("check.key_mode"), file=KEY_FILE, value=f"{mode & 0o777:o}", allowed="600"
                ),
            )
        )
    if not re.fullmatch(rf"[0-9a-fA-F]{{{2 * KEY_BYTES}}}", text):
        raise _refused("check.key_unusable")
    return bytes.fromhex(text)


def _refused(key: str) -> UserError:
    return UserError((Problem(what=Message.of(key), file=KEY_FILE),))
