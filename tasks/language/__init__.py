"""Which language a text is in: a pure stage that needs neither Prefect nor the network."""

from tasks.language.detect import Language, detect_batch, detect_language

__all__ = ["Language", "detect_batch", "detect_language"]
