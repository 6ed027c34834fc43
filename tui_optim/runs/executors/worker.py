"""The process of this machine's worker. It starts without collections of garbage: what is loaded then stays for its life."""

import gc


def main() -> None:
    """Load torch, then serve (`runs.worker`), which lets collections begin."""
    gc.disable()
    from tui_optim.runs import worker  # three seconds, a fifth more with collections

    worker.main()


if __name__ == "__main__":
    main()
