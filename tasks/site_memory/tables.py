"""The table that is handed on from counting to merging."""

import pyarrow as pa

#: One row a line of a page: what a shard counts. `page` and `line` are hashes.
COUNTS = pa.schema(
    [
        pa.field("site", pa.string(), nullable=False),
        pa.field("page", pa.uint64(), nullable=False),
        pa.field("line", pa.uint64(), nullable=False),
        pa.field("place", pa.float32(), nullable=False),  # 0 at the top of the page to 1 at its end
        pa.field(
            "prose", pa.int32(), nullable=False
        ),  # characters, where the line is a sentence of some length
        pa.field("before", pa.uint64(), nullable=False),  # the line before it, 0 at the top
        pa.field("after", pa.uint64(), nullable=False),
        pa.field("text", pa.string(), nullable=False),  # its beginning
    ]
)
