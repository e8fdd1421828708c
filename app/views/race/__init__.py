"""Page Race: methods condense the same data in turns, accuracy against seconds of condensing (figure 4)."""
