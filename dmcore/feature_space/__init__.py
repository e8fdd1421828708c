"""Feature spaces and what is measured in them: projections (t-SNE, PCA), coverage, distances, nearest neighbours."""
