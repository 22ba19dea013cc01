"""Views: a DuckDB database of views over an output folder's Parquet, for those who query it. No data is copied."""

from tasks.views.refresh import DATABASE, ViewsError, refresh_views

__all__ = ["DATABASE", "ViewsError", "refresh_views"]
