"""What the service answers: an address each for data sets, models, lists and reasons, described at /openapi.json.

The answers are those of the command line and of `import recsys`, in JSON. Whatever cannot be answered is
`{"error": "a sentence that says what came in and what to do"}`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from threading import Lock
from typing import Annotated, TypeVar

import numpy as np
from fastapi import Body, Depends, FastAPI, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, BeforeValidator, Field, Strict
from pydantic_core import PydanticCustomError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from recsys.cli.several import trained
from recsys.data import library
from recsys.data.dataset import History
from recsys.data.reading import MAX_ID
from recsys.errors import ArtifactError, RecsysError, UsageError, show
from recsys.evaluation.protocols import HOLDOUT
from recsys.explain import why
from recsys.models import registry
from recsys.network import host_of, is_loopback
from recsys.serving import artifacts
from recsys.serving.artifacts import Artifact, Manifest
from recsys.serving.lists import model_list
from recsys.serving.new_user import history_of
from recsys.version import __version__

T = TypeVar("T")

SUMMARY = "Recommender models of MovieLens: their lists, the reasons for them, and what they reach."
OTHER_HOST = "This service answers this computer alone, at localhost; --address says whom else."
MOST_BYTES = 2**16
"""Of what a request brings along."""
MOST_FILMS = 500
"""That somebody new has rated."""
MOST_NAMES = 50
MOST_IN_LIST = 100
NONE: list[str] = []

Name = Annotated[str, Field(max_length=64)]
_WHOLE = re.compile("-?(0|[1-9][0-9]{0,17})")


def _as_written(value: object) -> object:
    """A whole number, written in one way: pydantic takes 01, 1_0, 1.0, " 1" and true as well."""
    if type(value) is int or (isinstance(value, str) and _WHOLE.fullmatch(value)):
        return value
    raise PydanticCustomError("whole", "A whole number is needed")


RawId = Annotated[int, BeforeValidator(_as_written), Field(ge=0, le=MAX_ID)]
Length = Annotated[int, BeforeValidator(_as_written), Field(ge=1, le=MOST_IN_LIST, description="films per list")]
Stars = Annotated[float, Strict()]
Names = Annotated[list[Name], Field(max_length=MOST_NAMES, description="of models; none: all that are trained")]
DataSet = Annotated[str, Path(max_length=64, description='such as "demo", which is always there')]


class Health(BaseModel):
    status: str = "ok"
    version: str = __version__


class DataSetFacts(BaseModel):
    """A data set that can be asked for."""

    name: str
    title: str
    licence: str
    citation: str
    models: list[str] = Field(description="that are trained on it")


class ModelFacts(BaseModel):
    """What a model reaches over all users under the protocol `holdout`."""

    label: str
    seed: int
    created: str
    metrics: dict[str, float | None]
    intervals: dict[str, list[float]] = Field(description="95 % over users: low, high")


class Models(BaseModel):
    models: dict[str, ModelFacts]
    failed: dict[str, str] = Field(description="model -> why it cannot be used")


class Film(BaseModel):
    """A place of a list."""

    rank: int
    film: int
    title: str
    score: float = Field(description="in the model's own unit: not comparable between models")
    liked: bool = Field(description="hidden from the models, and the user went on to like it")


class Recommendations(BaseModel):
    lists: dict[str, list[Film]] = Field(description="model -> its films, best first")
    failed: dict[str, str] = Field(description="model -> why it did not answer")


class NewUser(BaseModel, extra="forbid"):
    """Somebody whom no model has seen."""

    films: dict[RawId, Stars] = Field(min_length=1, max_length=MOST_FILMS, description="film id -> stars, oldest first")
    models: Names = NONE
    k: Length = 10


class Part(BaseModel):
    part: str = Field(description='"sum", "film" or "field"')
    name: str
    value: float


class Reasons(BaseModel):
    """What carries a score: a sum adds up to it; without a film or field, it loses that much."""

    score: float
    unit: str
    rank: int = Field(description="among what the user has not seen; 0: already seen")
    method: str
    parts: list[Part]


class NotFoundError(UsageError):
    """A data set that is not here."""


def create(address: str = "127.0.0.1") -> FastAPI:
    """The service.

    Args:
        address: where it will listen. At one of this computer alone it refuses requests for other hosts' names, which
            a web page can send through the browser of whoever sits here (DNS rebinding).
    """
    api = FastAPI(
        title="recsys",
        version=__version__,
        summary=SUMMARY,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(_known_names)],
    )
    api.add_middleware(Door, is_local=is_loopback(address))
    api.add_exception_handler(RecsysError, _refused)
    api.add_exception_handler(RequestValidationError, _not_valid)
    api.add_exception_handler(HTTPException, _not_there)
    api.add_exception_handler(Exception, _unforeseen)

    @api.get("/health")
    def health() -> Health:
        """That the service answers at all."""
        return Health()

    @api.get("/datasets")
    def datasets() -> list[DataSetFacts]:
        """The data sets that are on this computer."""
        return [
            DataSetFacts(**asdict(library.source_of(name)), models=artifacts.trained(name))
            for name in library.available()
        ]

    @api.get("/datasets/{dataset}/models")
    def models(dataset: DataSet) -> Models:
        """The trained models of a data set, and what they reach."""
        data = _opened(dataset)
        facts, failed = _of_each(data, NONE, lambda model: _facts(data.artifact(model).manifest))
        return Models(models=facts, failed=failed)

    @api.get("/datasets/{dataset}/recommend")
    def recommend(
        dataset: DataSet, user: Annotated[RawId, Query()], models: Annotated[Names, Query()] = NONE, k: Length = 10
    ) -> Recommendations:
        """The lists of the trained models for a user of the data set."""
        data = _opened(dataset)
        index = data.dataset.viewers.ids.index(user)
        history, relevant = data.task.known.history(index), data.task.relevant_of(index)
        lists, failed = _of_each(data, models, lambda model: data.films(model, history, relevant, k))
        return Recommendations(lists=lists, failed=failed)

    @api.post("/datasets/{dataset}/recommend")
    def recommend_to_somebody_new(dataset: DataSet, asked: Annotated[NewUser, Body()]) -> Recommendations:
        """The lists of the trained models for somebody who gave some films stars."""
        data = _opened(dataset)
        history, nothing = history_of(asked.films, data.dataset), np.zeros(0, dtype=np.int64)
        lists, failed = _of_each(data, asked.models, lambda model: data.films(model, history, nothing, asked.k))
        return Recommendations(lists=lists, failed=failed)

    @api.get("/datasets/{dataset}/explain")
    def explain(
        dataset: DataSet,
        user: Annotated[RawId, Query()],
        film: Annotated[RawId, Query()],
        model: Annotated[Name, Query()],
    ) -> Reasons:
        """What carries a film's score for a user, by one model."""
        data = _opened(dataset)
        catalog, known = data.dataset.catalog, data.task.known
        history = known.history(data.dataset.viewers.ids.index(user))
        found = why.explain(data.artifact(model).scorer, known, history, catalog.ids.index(film))
        parts = [Part(part=part, name=name, value=value) for part, name, value in found.rows(catalog)]
        return Reasons(score=found.score, unit=found.unit.value, rank=found.rank, method=found.method, parts=parts)

    return api


def _known_names(request: Request) -> None:
    """Raises UsageError for a name in the address that nobody reads, as a slip of the pen, or that is there twice."""
    known = {field.alias for field in request.scope["route"].dependant.query_params}
    for name, n_times in Counter(name for name, _ in request.query_params.multi_items()).items():
        if name not in known:
            names = ", ".join(sorted(known)) or "none at all"
            raise UsageError(f"{show(name)} is no name that can be asked with here: {names}.")
        if n_times > 1 and name != "models":
            raise UsageError(f"{name} may be said only once.")


class Opened:
    """A data set, which is read once, and its models, which are read as they are asked for."""

    def __init__(self, name: str) -> None:
        self.dataset = library.open_dataset(name)
        self.task = HOLDOUT.final(self.dataset)
        self._artifacts: dict[str, Artifact] = {}

    def artifact(self, model: str) -> Artifact:
        """Raises UsageError where there is no such model, ArtifactError where it cannot be loaded."""
        if model not in self._artifacts:
            folder = artifacts.folder_of(self.dataset.name, registry.entry(model).name)
            self._artifacts[model] = artifacts.load(folder, self.dataset)
        return self._artifacts[model]

    def films(self, model: str, history: History, relevant: np.ndarray, k: int) -> list[Film]:
        """A model's list."""
        ranked = model_list(model, self.artifact(model).scorer, history, relevant, k)
        return [Film(**place._asdict()) for place in ranked.places(self.dataset)]


_open: dict[str, Opened] = {}
_opening = Lock()


def _opened(name: str) -> Opened:
    """Raises NotFoundError for a data set that is unknown or not on this computer."""
    with _opening:
        if name not in _open:
            if name not in (here := library.available()):
                raise NotFoundError(f"There is no data set {show(name)} here: {', '.join(here)}.")
            _open[name] = Opened(name)
        return _open[name]


def _of_each(data: Opened, models: list[str], answer: Callable[[str], T]) -> tuple[dict[str, T], dict[str, str]]:
    """Model -> its answer, and model -> why it cannot answer, of those that are named or of all that are trained.

    Raises UsageError for a model that there is not, where none is trained, and for what no model could answer.
    """
    answers, failed = {}, {}
    for model in dict.fromkeys(models or [entry.name for entry in trained(None, data.dataset.name)]):
        try:
            answers[model] = answer(model)
        except ArtifactError as error:
            failed[model] = str(error)
    return answers, failed


def _facts(manifest: Manifest) -> ModelFacts:
    return ModelFacts(
        label=manifest.label,
        seed=manifest.seed,
        created=manifest.created,
        metrics=manifest.summary,
        intervals=manifest.intervals,
    )


def _refused(_: Request, error: Exception) -> JSONResponse:
    status = 404 if isinstance(error, NotFoundError) else 422 if isinstance(error, UsageError) else 503
    return _error(status, str(error))


def _not_valid(_: Request, error: Exception) -> JSONResponse:
    """The first thing that FastAPI found, as one sentence."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = " ".join(str(part) for part in first["loc"])
    return _error(422, f"{show(where, quoted=False)}: {first['msg']}. Received {show(first.get('input'))}.")


def _not_there(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return _error(error.status_code, f"{error.detail}. What there is: /openapi.json")


def _unforeseen(_: Request, error: Exception) -> JSONResponse:
    return _error(500, "This should not have happened; the service's log says more.")


def _error(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"error": sentence}, status)


class Door:
    """Refuses, before any of it is read, what is meant for another host, or brings more than MOST_BYTES along."""

    def __init__(self, app: ASGIApp, is_local: bool) -> None:
        self.app, self.is_local = app, is_local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(Headers(scope=scope)) if scope["type"] == "http" else None
        await (refusal or self.app)(scope, receive, send)

    def _refusal(self, headers: Headers) -> JSONResponse | None:
        if self.is_local and not is_loopback(host_of(headers.get("host", ""))):
            return _error(403, OTHER_HOST)
        if "transfer-encoding" in headers:
            return _error(411, "Content-Length is needed.")
        if int(headers.get("content-length", "0")) > MOST_BYTES:  # digits, or the server has refused it
            return _error(413, f"A request may bring {MOST_BYTES:,} bytes.")
        return None
