"""Parts of gradient matching (`dmcore/gradient_matching.py`): distances, random draws, execution plan."""
