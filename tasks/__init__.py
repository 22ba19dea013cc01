"""The stages, one folder each: ingest, extract, strip, language, quality, write. Only flows/ knows Prefect."""
