"""Cleans a Spark DataFrame, many batches at a time, on every worker.

    cleaned = tweets.mapInPandas(cleaner("/nfs/recant-2024-06-01", "2024-06-01T00:00:00Z"), tweets.schema)

The directory is a sealed snapshot (`recant snapshot DIR`) on a file system that all workers see. All
of them judge by one state and one as-of, so that a task that runs twice gives the same rows.

Without Spark: python3 spark_map_in_pandas.py SNAPSHOT AS_OF tweets.csv, which stands in for it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pandas

import recant


def cleaner(
    directory: str, as_of: str
) -> Callable[[Iterator[pandas.DataFrame]], Iterator[pandas.DataFrame]]:
    def clean_batches(batches: Iterator[pandas.DataFrame]) -> Iterator[pandas.DataFrame]:
        # Opened on the worker: what Spark sends there is only this function.
        snapshot = recant.Store(directory, read_only=True).snapshot()
        for batch in batches:
            result = snapshot.check(
                batch["id"].to_numpy(), authors=batch["author_id"].to_numpy(), as_of=as_of, reasons=False
            )
            yield batch[result.actions > 1]  # neither delete nor suppress

    return clean_batches


if __name__ == "__main__":
    directory, as_of, source = sys.argv[1:]
    stand_in = pandas.read_csv(source, dtype={"id": str, "author_id": str}, chunksize=100)
    for cleaned in cleaner(directory, as_of)(iter(stand_in)):
        print(cleaned.to_csv(index=False, header=False), end="")
