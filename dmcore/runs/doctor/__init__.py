"""`dmcore doctor`: verify every file of the runs, say what is damaged, and mend what can be mended."""
