"""Published numbers of this method and others, the experiments behind them, and how a cell of ours differs."""
