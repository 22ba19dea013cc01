"""The flow that follows a cleaning run: the place for whatever your own analytics need next."""

from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks.views import DATABASE, refresh_views


@flow(name="publish", flow_run_name="publish {output}", persist_result=False)
def publish(output: str) -> State[dict[str, int]]:
    """Refresh the DuckDB views over an output folder.

    Args:
        output: folder that holds the data sets
    """
    counts = views(output)
    # Your own steps go here: tell an indexer, start a dbt run, copy the folder to a bucket, ...
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    return Completed(message=f"{DATABASE} answers: {told}", data=counts)


@task(name="refresh-views", persist_result=False)
def views(output: str) -> dict[str, int]:
    """Write the database of views anew; return how many rows each data set has."""
    counts = refresh_views(Path(output))
    get_run_logger().info("%s: %s", Path(output) / DATABASE, counts)
    return counts
