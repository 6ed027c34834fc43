"""Many small models at once: runs that differ in seeds, rates and other numbers train as one stack of parameters [K, …].

`train_stack` does for K runs what `engine.loop.train` does for one, and each of them gets the events, the checkpoints and the
numbers that it would have had alone. Which runs may be stacked is said in `spec.stacking`.
"""
