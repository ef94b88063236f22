"""A short glossary: what the words of this app mean here."""

from __future__ import annotations

WORDS: dict[str, str] = {
    "Attention": "Weights with sum 1 that say how much each of several vectors goes into a new one. AutoInt+ has it "
    "between fields.",
    "Autograd": "A framework writes down the sums as they are made and so can work out the gradient by itself.",
    "Baseline": "A method so simple that a model has to beat it: Random, Popularity and EASE here.",
    "Batch": "The examples that one step of training looks at together.",
    "Bias": "One number per user or film that shifts all of its scores; nothing to do with being unfair.",
    "Cold start": "A user or film with few ratings or none, about whom a model that learns from ratings knows little.",
    "Dropout": "While training, some numbers of a layer are set to zero at random, so that no other comes to rely on "
    "them.",
    "Embedding": "A vector that stands for a user, a film or a value of a field, and is learnt.",
    "Epoch": "One pass over all training examples.",
    "Explicit feedback": "What people say of a film: stars. ALS, SVD and the AutoEncoder predict it.",
    "Factor": "One of the numbers of an embedding in a model whose score is a product of two of them.",
    "Fold-in": "Answering for somebody whom a model was not trained on, without training it again: the film vectors "
    "stay, the new user's part is worked out.",
    "Gradient": "For each number of a model, how much the loss grows when that number grows a little. A step goes the "
    "other way.",
    "Hit": "A film of a list that was held out and that the user went on to give 4 stars or more.",
    "Holdout": "Ratings that are hidden from a model and that it is then asked for. Here: the last fifth of each "
    "user's ratings.",
    "Hyperparameter": "A setting that is chosen before training, as the number of factors; it is not learnt.",
    "Implicit feedback": "What people do: whether they watched a film, whatever its stars. BPR and the GRU rank by it.",
    "Leakage": "Something of the answer is in the question, as ratings of the test part in training. The numbers look "
    "good and mean nothing; the Leaderboard shows some on purpose, under Protocols.",
    "Loss": "The one number that training makes small.",
    "Negative": "A film that stands for “no” in training. An unseen film is drawn for it, as nobody says what they "
    "did not want to see.",
    "Overfitting": "Learning the training ratings by heart instead of what lies behind them: better there, worse on "
    "held-out ratings.",
    "Popularity bias": "Popular films have most ratings, so most models recommend them even more than people watch "
    "them.",
    "Protocol": "The rules of a measurement: what is hidden, which films are ranked, what counts as a hit.",
    "Regularisation": "A penalty in the loss that keeps numbers small unless the ratings insist.",
    "Relevant": "Held out from a user and then liked by them: what a list should find.",
    "Seed": "The number that random draws start from. The same seed gives the same model on the same computer.",
    "Softmax": "Turns scores into chances with sum 1: the exponential of each, divided by the sum of all.",
    "Validation": "A part of the ratings that chooses hyperparameters, so that the test part stays untouched.",
}
"""Word -> what it means, in alphabetical order."""
