"""One DuckDB query over an output folder: what each language kept, and what was taken out of it most.

python examples/query.py OUT
"""

import sys
from pathlib import Path

import duckdb

SQL = """
WITH removed AS (
    SELECT language, category, sum(length(removals.text)) AS chars
    FROM read_parquet($removals) AS removals JOIN read_parquet($records) AS records USING (doc_id)
    GROUP BY ALL
)
SELECT
    language,
    count(*) AS documents,
    sum(raw_chars)::BIGINT AS raw_chars,
    sum(text_chars)::BIGINT AS text_chars,
    (SELECT arg_max(category, chars) FROM removed WHERE removed.language = records.language) AS most_removed
FROM read_parquet($records) AS records
GROUP BY language
ORDER BY documents DESC, language
"""


def main(out: Path) -> None:
    """Print the query and its result."""
    globs = {name: str(out / name / "*.parquet") for name in ("records", "removals")}
    print(f"The Parquet lies under {out}/. One DuckDB query over it:\n{SQL}")
    print(duckdb.connect().execute(SQL, globs).fetchdf().to_string(index=False))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out"))
