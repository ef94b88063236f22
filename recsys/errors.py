"""What can go wrong because of an input, said so that the reader knows what came in and what to do next."""

from __future__ import annotations

from pathlib import Path


class RecsysError(Exception):
    """Base of every error that a person can mend. Its text is one line and fit to be shown as it is."""


class UsageError(RecsysError):
    """A request that cannot be met: an unknown user or model, k out of range, a bad setting."""


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
        self.problem, self.remedy = problem, remedy
        super().__init__(f"{problem} {remedy}")


class TrainingError(RecsysError):
    """Training that led nowhere: the loss or the scores are not numbers any more."""
