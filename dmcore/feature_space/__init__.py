"""Feature spaces: projections (t-SNE, PCA), coverage metrics, distances, nearest neighbours."""
