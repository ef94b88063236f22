"""What every model has in common: a configuration, `fit`, and a report per epoch."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from traceback import walk_tb
from typing import Any, ClassVar

import numpy as np
import psutil

from recsys.data.dataset import Dataset
from recsys.errors import RecsysError, UsageError
from recsys.models.settings import ModelConfig as ModelConfig  # re-exported: a model imports from here
from recsys.models.settings import config_from as config_from
from recsys.models.settings import config_to_json as config_to_json
from recsys.models.settings import describe as describe
from recsys.models.settings import setting as setting
from recsys.models.size import Size
from recsys.paths import install
from recsys.serving.scorers import NetworkScorer, OnnxScorer, Scorer, ScorerState, Unit


@dataclass(frozen=True)
class EpochLog:
    """What is known at the end of an epoch (from 1)."""

    epoch: int
    n_epochs: int
    loss: float
    seconds: float
    examples_per_second: float


@dataclass(frozen=True)
class BatchLog:
    """What is known at the end of a batch (both counted from 1); the loss is the mean of the epoch so far."""

    epoch: int
    n_epochs: int
    batch: int
    n_batches: int
    loss: float


OnEpoch = Callable[[EpochLog, "Scorer | None"], None]
OnBatch = Callable[[BatchLog], None]


@dataclass(frozen=True)
class FitOptions:
    """How to train, apart from what to train: the same hyperparameters, another seed or device.

    `on_epoch` gets the log and a scorer of the model as it is at that moment, good only until it returns. `on_batch`
    is called more often. Either may raise: that ends training, and is the only way to end it early.
    """

    seed: int = 0
    device: str = "cpu"
    on_epoch: OnEpoch | None = None
    on_batch: OnBatch | None = None

    def report(self, log: EpochLog, scorer: Scorer | None = None) -> None:
        if self.on_epoch is not None:
            self.on_epoch(log, scorer)

    def tick(self, log: BatchLog) -> None:
        if self.on_batch is not None:
            self.on_batch(log)


class LibraryError(RecsysError):
    """What a model is trained with is not installed, or this system cannot load it. Other models are unaffected."""

    @classmethod
    def of(cls, model: str, error: ImportError | OSError) -> LibraryError:
        """Says which library it is, why it cannot be loaded, and what to install."""
        reason = re.sub(r"[^\s'\"(]*/", "", f"{error}".partition("\n")[0])  # visitors see it: no path of the server
        if found := re.match(r"(\S+): cannot open shared object file", reason):
            package = SYSTEM_PACKAGES.get(found[1])
            remedy = f"Install {package}, e.g. `apt-get install {package}`." if package else f"Install {found[1]}."
        else:
            remedy = f"To install it: {install('train')}"
        return cls(
            f"The model `{model}` needs the library `{_library(error)}`, which cannot be loaded ({reason}). {remedy}"
        )


def _library(error: ImportError | OSError) -> str:
    """The package that a model wanted: the first that was entered on the way, or else the one that was not found."""
    modules = [frame.f_globals.get("__name__", "") for frame, _ in walk_tb(error.__traceback__)]
    packages = [module.partition(".")[0] for module in (*modules, getattr(error, "name", None) or "?")]
    return next(package for package in packages if package not in ("", "recsys", "importlib"))


SYSTEM_PACKAGES = {"libgomp.so.1": "libgomp1", "libstdc++.so.6": "libstdc++6"}
"""System libraries that training needs and that may be missing, with their Debian packages."""

Fit = Callable[["Model", Dataset, FitOptions], Scorer]


def _says_what_is_missing(fit: Fit) -> Fit:
    """A `fit` that raises LibraryError where what it imports cannot be loaded, and UsageError for want of memory."""

    @wraps(fit)
    def fit_or_say(self: Model, train: Dataset, options: FitOptions) -> Scorer:
        self.check_memory(train)
        try:
            return fit(self, train, options)
        except (ImportError, OSError) as error:
            # A package that loads its libraries by ctypes raises OSError; a file's would have a number.
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise LibraryError.of(self.name, error) from error

    return fit_or_say


class Model(ABC):
    """A way of learning from ratings. `fit` starts from scratch each time; same seed, same scores on the CPU.

    Class attributes:
        name: as in the registry.
        config_class: the dataclass of its hyperparameters.
        looks_at: one line for the reader: what the model sees of a user.
        new_user: one line: how it answers for somebody it was not trained on.
        source: author, year, title.
        uses_gpu: whether `fit` runs on the device that it is given; Surprise and counting know the CPU only.
        selected_on: the validation metric that chose the defaults of the configuration.
        is_scheduled: whether the learning rate depends on the number of epochs: then the model after ten of twenty
            epochs is not that of ten epochs. A decay per epoch is no such schedule.
        search_grid: the settings that were tried, as scikit-learn's ParameterGrid takes them.
        quick: settings to watch it learn: less wide, fewer epochs, larger steps, so that a job on MovieLens 100K is
            done in seconds on two cores. Chosen by hand on the validation part of `holdout`, as the job itself reports
            it; the test part had no say. Empty: it is quick as it is shipped.
        quick_seconds: of a whole job with them, from the click to its result: measured on MovieLens 100K, on the CPU,
            with two idle cores. None: not measured.
    """

    name: ClassVar[str]
    config_class: ClassVar[type]
    looks_at: ClassVar[str]
    new_user: ClassVar[str]
    source: ClassVar[str]
    uses_gpu: ClassVar[bool] = False
    selected_on: ClassVar[str] = "ndcg@10"
    is_scheduled: ClassVar[bool] = False
    search_grid: ClassVar[list[dict[str, list[Any]]]] = [{}]
    quick: ClassVar[dict[str, Any]] = {}
    quick_seconds: ClassVar[int | None] = None

    def __init_subclass__(cls) -> None:
        """Each model imports its library in `fit`; callers need not know what may go wrong there."""
        if "fit" in vars(cls):
            cls.fit = _says_what_is_missing(cls.fit)  # type: ignore[assignment, method-assign]

    def __init__(self, config: Any = None) -> None:
        self.config = config if config is not None else self.config_class()
        if not isinstance(self.config, self.config_class):
            raise TypeError(
                f"{type(self).__name__} takes a {self.config_class.__qualname__} of its own module. "
                f"Received {type(self.config).__qualname__}."
            )

    @abstractmethod
    def fit(self, train: Dataset, options: FitOptions) -> Scorer:
        """Learn from `train`. Raises LibraryError where what the model is trained with cannot be loaded, and UsageError
        where its `memory` is more than this computer has left."""

    def check_memory(self, train: Dataset) -> None:
        """Raises UsageError where learning from `train` needs more than this computer has left."""
        needed = self.memory(self.config, Size(train.n_users, train.n_items, len(train)))
        if needed > (free := psutil.virtual_memory().available):
            raise UsageError(
                f"{self.name} needs about {needed / 1e9:,.1f} GB of memory for {train.n_items:,} films, and this "
                f"computer has {free / 1e9:,.1f} GB left. Take another model, or fewer films."
            )

    @staticmethod
    @abstractmethod
    def memory(config: Any, size: Size) -> float:
        """Bytes that `fit` takes at its peak on the CPU, the ratings themselves left aside.

        A plain sum of what is large, meant to be too high rather than too low by up to a factor of about two: the
        process before it has seen any data, what is made of the ratings, what is learned with all that the optimizer
        keeps beside it, and the largest arrays of one step.
        """


N_THREADS = 2
"""On the CPU sums are cut into as many parts as there are threads, so that another number of threads gives another
model (AutoInt+ by .002 nDCG@10): the same number everywhere, whatever the machine has."""

MAX_SEED = 2**32 - 1
"""The largest that numpy's older generator takes, which Surprise uses."""


def check_seed(seed: int) -> None:
    """Raises UsageError for a seed that not every library takes."""
    if not 0 <= seed <= MAX_SEED:
        raise UsageError(f"seed must not be negative or above {MAX_SEED}. Received {seed}.")


class LiveScorer(NetworkScorer):
    """A network still in its framework, seen through the same encoder that its ONNX graph will have.

    Args:
        run, unit, settings, dataset: as of a `NetworkScorer`.
        export: the network as it is at this moment, as ONNX.
        get_weights: a copy of what the network has learnt so far.
        set_weights: puts such a copy back.
    """

    def __init__(
        self,
        run: Callable[[dict[str, np.ndarray]], np.ndarray],
        unit: Unit,
        settings: dict[str, Any],
        dataset: Dataset,
        *,
        export: Callable[[], bytes],
        get_weights: Callable[[], Any],
        set_weights: Callable[[Any], object],
    ) -> None:
        super().__init__(run, unit, settings, dataset)
        self._dataset, self._export, self._get_weights, self._set_weights = dataset, export, get_weights, set_weights

    def state(self) -> ScorerState:
        """What a checkpoint stores."""
        return self.state_of(self._export())

    def snapshot(self) -> Callable[[], ScorerState]:
        """Remember the network as it is now, at the price of a copy of its weights; the export can wait."""
        then = self._get_weights()

        def state() -> ScorerState:
            now = self._get_weights()
            self._set_weights(then)
            try:
                return self.state()
            finally:
                self._set_weights(now)

        return state

    def as_served(self) -> OnnxScorer:
        """The network as it is now, apart from its framework."""
        return OnnxScorer.from_state(self.state(), self._dataset)
