"""GRU: the films as a sequence."""

from __future__ import annotations

from recsys.lessons.base import Box, Code, Config, Flow, Formula, Lesson, Place, Sizes, Symbol

_NETWORKS = "recsys/models/gru/network.py"


def _parameters(sizes: Sizes, _config: Config) -> dict[str, int]:
    films, width, hidden = sizes["I"], sizes["D"], sizes["H"]
    return {
        "vectors of films, and one of “no film”": (films + 1) * width,
        "gates of the recurrent layer": 3 * (width * hidden + hidden * hidden + 2 * hidden),
        "from the state to a film's vector": (hidden + 1) * width,
        "biases of films": films,
    }


LESSON = Lesson(
    name="gru",
    full_name="Recurrent network of gated units (GRU4Rec)",
    idea=(
        "It reads a user's films one after the other and keeps a state: a summary that each film changes a little.",
        "Gates decide, for each number of the state, how much of the old to keep and how much of the new film to let "
        "in.",
        "The state is turned into a chance for every film of being the next, and training makes the chance of the film "
        "that really came next large.",
    ),
    learns_from="the order of the films",
    flow=Flow(
        rows=(
            (Box("films", "the latest films, in order", "at most {T}", "given"),),
            (
                Box("vectors", "vector of each film", "{I:,} × {D}", "learnt"),
                Box("gru", "recurrent layer", "three gates", "learnt"),
            ),
            (Box("state", "state after the last film", "{H} numbers"),),
            (
                Box("project", "turned into a film's vector", "{D} numbers"),
                Box("tied", "compared with each film", "the same vectors as above"),
            ),
            (Box("chance", "softmax", "a chance for each of {I:,} films"),),
        ),
        paths=(("films", "vectors", "gru", "state", "project", "tied", "chance"),),
        says="The latest films become vectors, which a recurrent layer reads in order; its last state is compared with "
        "the same vectors of all films, and a softmax makes chances of that.",
    ),
    formulas=(
        Formula(
            "The state after each film: what the gate keeps of the old one, and what it takes of the new",
            r"""\begin{aligned}
z_t &= \sigma\left(W_z x_t + U_z h_{t-1} + a_z\right) \\
g_t &= \sigma\left(W_g x_t + U_g h_{t-1} + a_g\right) \\
\tilde h_t &= \tanh\left(W_h x_t + g_t \odot (U_h h_{t-1} + d_h) + a_h\right) \\
h_t &= z_t \odot h_{t-1} + (1 - z_t) \odot \tilde h_t
\end{aligned}""",
        ),
        Formula(
            "The chance of each film of being the next: its vector meets the state, and all films share one softmax",
            r"""\begin{aligned}
y_{tj} &= q_j^\top \left(P h_t + c\right) + b_j \\
p_t(j) &= \frac{e^{y_{tj}}}{\sum_k e^{y_{tk}}}
\end{aligned}""",
        ),
        Formula(
            "What it makes small: how surprised it is by the film that really came",
            r"L = -\frac{1}{n} \sum_{t} \ln p_t\left(j_t\right)",
        ),
    ),
    symbols=(
        Symbol("t", "a place in the sequence of films"),
        Symbol("k", "any film"),
        Symbol("x_t", "vector of the film read at place t", ("D",)),
        Symbol("h_t", "state after place t", ("H",)),
        Symbol("h_{t-1}", "state before; zeros at the start", ("H",)),
        Symbol(r"\tilde h_t", "what would be the new state", ("H",)),
        Symbol("z_t", "update gate: 1 keeps the old state", ("H",)),
        Symbol("g_t", "reset gate: 0 forgets the old state", ("H",)),
        Symbol("W_z", "weights of the film in the update gate", ("H", "D")),
        Symbol("W_g", "the same in the reset gate", ("H", "D")),
        Symbol("W_h", "the same in the new state", ("H", "D")),
        Symbol("U_z", "weights of the state in the update gate", ("H", "H")),
        Symbol("U_g", "the same in the reset gate", ("H", "H")),
        Symbol("U_h", "the same in the new state", ("H", "H")),
        Symbol("a_z", "biases of the update gate", ("H",)),
        Symbol("a_g", "biases of the reset gate", ("H",)),
        Symbol("a_h", "biases of the new state", ("H",)),
        Symbol("d_h", "biases inside the reset; both gates have such a second row too", ("H",)),
        Symbol(r"\sigma", "the sigmoid, 1 / (1 + exp(-x))"),
        Symbol(r"\odot", "number by number"),
        Symbol("y_{tj}", "score of film j after place t", ("I",)),
        Symbol("y_{tk}", "score of film k after place t"),
        Symbol("q_j", "vector of each film; those that are read and those that are predicted are the same", ("I", "D")),
        Symbol("b_j", "bias of each film", ("I",)),
        Symbol("P", "weights from the state to a film's vector", ("D", "H")),
        Symbol("c", "biases of the same", ("D",)),
        Symbol("p_t(j)", "chance that film j is the next", ("I",)),
        Symbol("e", "Euler's number, 2.718"),
        Symbol("j_t", "the film that came next; of so many, one is drawn", setting="horizon"),
        Symbol("p_t", "the chances at place t", ("I",)),
        Symbol("n", "places of a batch that have a film to predict"),
        Symbol("L", "the loss"),
    ),
    code=(
        Code(
            Place(_NETWORKS, "networks"),
            "The layers, and the view of them that serves.",
            first="embedding = layers.Embedding",
            last="inference = keras.Model",
        ),
        Code(Place(_NETWORKS, "_tied_output.TiedOutput"), "The output: the films' own vectors, and a bias each."),
        Code(Place("recsys/models/gru/batches.py", "draw_lesson"), "What a user gives to learn from, in one epoch."),
        Code(Place("recsys/models/gru/gru4rec.py", "learning_rate_in"), "Large steps first, small ones last."),
    ),
    model=Place("recsys/models/gru/gru4rec.py", "GRU4Rec"),
    config=Place("recsys/models/gru/config.py", "Config"),
    blind=(
        "Stars as an input: a film that was hated is read like one that was loved.",
        "Films further back than it reads, and the time between two films: an hour is like a year.",
        "Genres, years, and who the user is. And an evening of ratings in a row is not an evening of films: the data "
        "say when a film was rated, not when it was watched.",
    ),
    paper="https://arxiv.org/abs/1511.06939",
    sizes=lambda _known, config, _scorer: {
        "D": config["embedding_dim"],
        "H": config["hidden_dim"],
        "T": config["max_length"],
    },
    parameters=_parameters,
)
