"""recant for Python: what must be done with stored X posts, judged by the batch.

    import recant

    with recant.Store("my-store", read_only=True) as store:
        result = store.check([154, 155], authors=[12, 0])
        result.actions          # numpy uint8 array where numpy is there, else bytes
        result.action_names()   # ["delete", "keep"]
        result.reasons(0)       # [Reason(action="delete", event="tweet_delete", ...)]

The package calls librecant.so.0 through ctypes: nothing is compiled. It looks for the library by
$RECANT_LIBRARY, beside this file, then as the system's linker does.

Times are integer milliseconds since 1970-01-01T00:00:00Z, RFC 3339 text, or an aware datetime. Ids
are integers, 1 to 2**64 - 1; 0 means "not known" in a column. A Store, and each of its snapshots,
may be used by any number of threads; the library releases the GIL while it works.
"""

from recant._library import RecantError, c_version, version
from recant._store import CheckResult, Change, Reason, Snapshot, Store, clean

__all__ = ["CheckResult", "Change", "Reason", "RecantError", "Snapshot", "Store", "c_version", "clean", "version"]
__version__ = version()
