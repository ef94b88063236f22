"""Errors that a person can fix; each says what came in and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from reprlib import Repr
from unicodedata import category


class RecsysError(Exception):
    """Base of every error that a person can fix. Its text is one line that can be shown as it is."""

    def __str__(self) -> str:
        return plain_line(super().__str__())


class UsageError(RecsysError):
    """A request that cannot be met: an unknown user or model, k out of range, a bad setting."""


class UnfitDataError(UsageError):
    """A data set that is sound and has nothing to show or to learn from; another one has."""


class DataError(RecsysError):
    """A data file that cannot be read. Names the file and, where there is one, the line (counted from 1)."""

    def __init__(self, problem: str, *, file: str | Path, line: int | None = None, remedy: str) -> None:
        self.problem, self.file, self.line, self.remedy = problem, str(file), line, remedy
        where = self.file if line is None else f"{self.file}, line {line}"
        super().__init__(f"{where}: {problem} {remedy}")


class DownloadError(RecsysError):
    """A download that did not arrive whole: no network, a wrong checksum, no disk space."""


class ArtifactError(RecsysError):
    """A trained model on disk that is missing, corrupt, foreign or from a newer version of this program."""

    def __init__(self, problem: str, *, remedy: str) -> None:
        self.problem, self.remedy = plain_line(problem), plain_line(remedy)
        super().__init__(f"{self.problem} {self.remedy}")


class TrainingError(RecsysError):
    """Training that failed: the loss or the scores are no longer numbers, or memory ran out."""


@contextmanager
def os_errors_as(problem: str) -> Iterator[None]:
    """What the operating system refuses inside becomes a UsageError: "<problem>: No space left on device.".

    Also where TensorBoard wrote through TensorFlow, if that is there, whose errors are of a type of its own.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, OSError) or "OpError" in (kind.__name__ for kind in type(error).__mro__):
            raise UsageError(f"{problem}: {reason(error)}.") from None
        raise


def reason(error: BaseException) -> str:
    """What an error says, on one line; for one of the operating system without its number and the file."""
    said = getattr(error, "strerror", None) or str(error)
    return said.strip().partition("\n")[0] or type(error).__name__


def remedied(error: BaseException) -> str | None:
    """One line for an error that a person can mend: ours, the operating system's, too little memory. None: another."""
    if isinstance(error, RecsysError):
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory for this. Close other programs, or take smaller data or a smaller model."
    if isinstance(error, OSError) and error.errno is not None:  # without a number: a library that cannot be loaded
        where = f"{show(error.filename, quoted=False)}: " if error.filename else "The operating system refused: "
        return f"{where}{reason(error)}."
    return None


def plain_line(text: str) -> str:
    """The text on one line, whatever file it came from: control characters and halves of characters are spelt out."""
    line = " ".join(text.split())
    return "".join(ascii(c)[1:-1] if category(c) in ("Cc", "Cs") else c for c in line)


def show(value: object, *, quoted: bool = True) -> str:
    """What came in, short and on one line, whatever it is. Text that is plain may go without quotation marks."""
    if isinstance(value, str) and not quoted and value.isprintable() and len(value) <= _SHORT.maxstring:
        return value
    try:
        text = _SHORT.repr(value)
    except ValueError:  # Python refuses to write a whole number of thousands of digits
        return "a number too long to show"
    return text if len(text) <= 100 else f"{text[:97]}..."


_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 60
