"""Cleans a pandas DataFrame: python3 clean_dataframe.py STORE tweets.csv clean.csv

Ids are read as text: read as numbers they may turn into floats, which cannot hold them.
"""

import sys

import pandas

import recant


def main(directory: str, source: str, target: str) -> None:
    frame = pandas.read_csv(source, dtype={"id": str, "author_id": str})
    with recant.Store(directory, read_only=True) as store:
        cleaned = recant.clean(frame, store, "id", authors="author_id")
    cleaned.to_csv(target, index=False)
    print(f"{len(frame)} rows, {len(cleaned)} kept")


if __name__ == "__main__":
    main(*sys.argv[1:])
