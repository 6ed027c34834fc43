"""`python -m tui_optim` is the same as `tui-optim`."""

from tui_optim.cli.main import main

if __name__ == "__main__":
    main()
