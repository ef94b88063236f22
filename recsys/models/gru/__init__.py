"""GRU4Rec: the model, its batches, its network and its sampled softmax."""
