"""The events by which a run shows that it is alive, and that it has come to its end."""

#: Sent by the run's process twice a minute.
HEARTBEAT = "prefect.flow-run.heartbeat"

#: Sent by `up` of each run that the server believes to be at work, so that one that died meanwhile is missed.
ASKED = "wirebrush.flow-run.asked"

#: After each of these a run owes another. The server itself sends the first two: a process may die before its first
#: heartbeat, and a worker before the process has begun.
SIGNS = {"prefect.flow-run.Pending", "prefect.flow-run.Running", HEARTBEAT, ASKED}

ENDS = {f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Crashed", "Cancelled", "TimedOut")}
