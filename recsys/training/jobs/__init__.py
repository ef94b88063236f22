"""Training in the background: the queue, the folder of runs, the processes, and what becomes of a run."""
