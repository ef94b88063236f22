"""The autoencoder of a user's stars, its twin over films, and the network they share."""
