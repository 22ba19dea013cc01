"""python -m flows: the command line where the script `wirebrush` is not installed."""

from flows.cli import main

if __name__ == "__main__":
    main()
