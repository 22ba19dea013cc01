"""What can go wrong with the service, with the exit status that tells it."""


class OperateError(RuntimeError):
    """The message is for the user."""

    status = 1


class GivenUp(OperateError):
    """A process that does not stay up; the message says which, and where its log lies."""


class DeployError(OperateError):
    """prefect.yaml could not be deployed; the message is Prefect's."""


class PortTaken(OperateError):
    """Another program listens on the port: the call has to name another one."""

    status = 2
