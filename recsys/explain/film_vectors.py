"""Where a trained model puts the films: a vector per film, and its nearest neighbours.

Read from what the artifact keeps: the arrays of a factor model, the initializers of an ONNX graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.serving.fields import FIELDS, N_GENRE_FIELDS, FieldTable
from recsys.serving.graphs import read
from recsys.serving.ranking import top_k
from recsys.serving.scorers import Query, Scorer

if TYPE_CHECKING:
    from onnx import GraphProto

N_NEIGHBOURS = 20
MIN_RATINGS = 5
"""A film with fewer ratings has hardly left its random start: it is no neighbour of any film, and on no map."""
FEWEST_PLACED = 5
"""With fewer films there is nothing to lay out."""
_BLOCK = 1024


@dataclass(frozen=True, eq=False)
class FilmSpace:
    """The films as one model sees them.

    Args:
        vectors: (I, D) float32; of item-item weights (I, I) and symmetric.
        about: what the numbers are, as the end of the sentence "Each film is ...".
        is_weights: the vectors are weights between films, and a neighbour is a film with a large one.
    """

    vectors: np.ndarray
    about: str
    is_weights: bool = False

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or not np.isfinite(self.vectors).all():
            raise ValueError(f"film vectors must be finite, a row per film. Received shape {self.vectors.shape}.")

    def directions(self, items: np.ndarray) -> np.ndarray:
        """(P, D) float32 vectors of some films at length 1; a film that says nothing stays at zero."""
        vectors = self.vectors[items].astype(np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)


def space_of(scorer: Scorer, dataset: Dataset) -> FilmSpace | None:
    """The film vectors of a trained model; None where a film is a single number (ALS, Popularity) or chance (Random).

    Raises:
        UsageError: a graph in which no film vectors are found.
    """
    state = scorer.state()
    if state.graph is not None:
        return _of_graph(state.graph, state.settings, dataset)
    factors, query = state.arrays.get("item_factors"), Query(state.settings["query"])
    if factors is None or query is Query.LOOKUP:
        return None
    if query is Query.INTERACTIONS:
        weights = factors.astype(np.float32)  # row = film recommended, column = film liked
        about = "its weights from and to every other film, the mean of the two directions"
        return FilmSpace((weights + weights.T) / 2, about, is_weights=True)
    about = f"the {factors.shape[1]} numbers that are multiplied with those of the user"
    return FilmSpace(factors.astype(np.float32), about)


def _of_graph(content: bytes, settings: dict[str, object], dataset: Dataset) -> FilmSpace:
    graph = read(content).graph
    n_items = dataset.n_items
    match settings.get("encoder"):
        case "rating_vector":
            # Tied weights: the column with which a film enters the first layer is the row that predicts its stars.
            weights = _matrices(graph).get("weights.0")
            if weights is None:
                raise UsageError("The graph has no matrix 'weights.0', so it has no film vectors.")
            if weights.shape[1] != n_items:
                raise UsageError(f"The first layer takes {weights.shape[1]} films, the data set has {n_items}.")
            about = f"the {len(weights)} weights with which it enters the network and with which its stars leave it"
            return FilmSpace(weights.T.copy(), about)
        case "item_sequence":
            table = _looked_up(graph, n_items + 1)[0]
            about = f"the {table.shape[1]} numbers with which it enters the network and is predicted by it"
            return FilmSpace(table[1:], about)  # row 0 is the padding
        case "user_item_fields":
            fields = FieldTable.of(dataset, tuple(settings["rating_years"]))  # type: ignore[arg-type]
            table = _looked_up(graph, sum(fields.sizes))[0]
            about = (
                f"{table.shape[1]} numbers, the sum over its own vector and those of its decade, year and first "
                f"{N_GENRE_FIELDS} genres: what the products with a user's fields see of it"
            )
            return FilmSpace(_sum_of_fields(table, fields), about)
        case "user_item":
            if n_items == dataset.n_users + 1:
                raise UsageError("The tables of users and films have as many rows, so they cannot be told apart.")
            tables = _looked_up(graph, n_items)
            about = f"the {sum(table.shape[1] for table in tables)} numbers of its vectors in all towers, end to end"
            return FilmSpace(np.hstack(tables), about)
        case other:
            raise UsageError(f"No film vectors are known for a graph with the encoder {other!r}.")


def _sum_of_fields(table: np.ndarray, fields: FieldTable) -> np.ndarray:
    """(I, D): in a factorization machine a film's fields act on a user's as the sum of their vectors does.

    sum over f in film, g in user of v_f . v_g = (sum of v_f) . (sum of v_g); Rendle (2010), Factorization Machines.
    """
    starts = np.concatenate([[0], np.cumsum(fields.sizes)[:-1]])
    first = FIELDS.index("film")
    rows = fields.item_fields + starts[first : first + fields.item_fields.shape[1]]  # (I, 6)
    return table[rows].sum(axis=1)


def _looked_up(graph: GraphProto, n_rows: int) -> list[np.ndarray]:
    """The embedding tables of so many rows: matrices out of which a Gather takes rows."""
    taken = {node.input[0] for node in graph.node if node.op_type == "Gather"}
    found = [table for name, table in _matrices(graph).items() if name in taken and len(table) == n_rows]
    if not found:
        raise UsageError(f"The graph looks nothing up in a table of {n_rows} rows, so it has no film vectors.")
    return found


def _matrices(graph: GraphProto) -> dict[str, np.ndarray]:
    """The two-dimensional initializers, in the order of their names."""
    from onnx import numpy_helper

    tensors = sorted((each for each in graph.initializer if len(each.dims) == 2), key=lambda each: each.name)
    return {tensor.name: numpy_helper.to_array(tensor).astype(np.float32) for tensor in tensors}


def placed_films(space: FilmSpace, item_counts: np.ndarray, min_ratings: int = MIN_RATINGS) -> np.ndarray:
    """Indices, ascending, of the films whose place means something.

    They have enough ratings in training, and a vector that is not zero: a film that nobody liked has no weight.
    """
    return np.flatnonzero((item_counts >= min_ratings) & space.vectors.any(axis=1))


def neighbours(space: FilmSpace, placed: np.ndarray, n: int = N_NEIGHBOURS) -> tuple[np.ndarray, np.ndarray]:
    """The nearest of the placed films to each placed film, nearest first; ties go to the lower index.

    Args:
        placed: (P,) film indices, at least two.
        n: how many; with fewer films, all others.

    Returns:
        items (P, n) film indices, and (P, n) float32 similarities: cosines, or weights between the two films.
    """
    n = min(n, len(placed) - 1)
    directions = space.directions(placed)
    items = np.empty((len(placed), n), dtype=np.int64)
    alike = np.empty((len(placed), n), dtype=np.float32)
    for start in range(0, len(placed), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(placed)))
        if space.is_weights:
            similarity = space.vectors[np.ix_(placed[rows], placed)]  # a copy
        else:
            similarity = directions[rows] @ directions.T
        similarity[np.arange(len(rows)), rows] = -np.inf  # a film is not its own neighbour
        nearest = top_k(similarity, n)
        items[rows], alike[rows] = placed[nearest.items], nearest.scores
    return items, alike
