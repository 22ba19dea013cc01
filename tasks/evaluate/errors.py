"""What the caller can put right."""


class EvaluationError(ValueError):
    """Labelled pages or records that cannot be read or compared; the message names the file, the row, the column."""
