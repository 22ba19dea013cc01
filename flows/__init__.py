"""The recipe, the settings, the command line and the report: all that knows Prefect."""

import tasks  # noqa: F401  # says how many threads numpy may use, before anything loads it
