"""Images of a run: in full with their history and neighbours, their layers, and which of them are stored."""
