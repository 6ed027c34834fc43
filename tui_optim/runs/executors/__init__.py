"""Executors: what brings a run from 'queued' to an end. Each is a child process of the supervisor that speaks JSON lines.

To it:
    {"run": id, "threads": n}               take this run; `threads` is for runs that do not set their own
    {"runs": [id, …], "threads": n, "slots": k}
                                            take these runs, which are alike, as one stack of models if that is faster than k
                                            processes (workers of this machine only)
    {"prepare": spec}                       load the data of a run that may come (workers of this machine only)

From it:
    {"ready": true, "capacity": k}          it takes up to k runs at once; said again when that changes
    {"done": id, "state": s, "cause": c}    it has let go of a run and of its lock; 'interrupted' asks for another attempt.
                                            With a `cause`, half a sentence, something went wrong and the attempt counts;
                                            without one it was asked to leave and has kept a checkpoint
                                            'failed' with a `cause` could not be written down; that is the reason
                                            'queued' asks for it to be given again, with {"alone": true} by itself
    {"leaving": true}                       it has been asked to leave: no more runs for it
    {"unavailable": sentence}               it cannot work at all: the runs that wait for it have failed for this reason

The end of its input means: finish what is at hand, then leave. SIGTERM means: see that checkpoints are kept, then leave.

Which executor a run asks for stands in its `run.json`. `runs/worker.py` trains on this machine, one run or stack at a time; the
others are bridges: they take many runs, hold their locks and have a cluster train them.
"""
