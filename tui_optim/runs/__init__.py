"""WHICH runs are alive: queue, supervisor, worker process, control commands."""
