#!/usr/bin/env python3
"""The shared library shows what its public headers name, all of it and nothing else.

check_exports.py LIBRARY HEADER_DIRECTORY...
"""
import pathlib
import re
import subprocess
import sys

library, *directories = sys.argv[1:]
headers = {path.name: path.read_text() for folder in directories for path in pathlib.Path(folder).glob("recant/*.h")}


def symbols(*options):
    listed = subprocess.run(
        ["nm", "--dynamic", "--defined-only", *options, library], check=True, capture_output=True, text=True
    ).stdout
    # "address type name@@version"
    return {line.split(" ", 2)[2].split("@@")[0] for line in listed.splitlines() if " A " not in line}


faults = []
shown = symbols()
declared = set(re.findall(r"\b(recant_\w+)\(", re.sub(r"/\*.*?\*/", "", headers["c.h"], flags=re.S)))
for name in sorted(declared - shown):
    faults.append(f"{name} is declared in c.h and not shown")
for name in sorted(name for name in shown if not name.startswith("_Z") and name not in declared):
    faults.append(f"{name} is shown and not declared in c.h")

cxx = "\n".join(text for name, text in headers.items() if name != "c.h")
for name in sorted(symbols("--demangle") - shown):
    subject = re.sub(r"^(typeinfo|typeinfo name|vtable) for ", "", name)
    match = re.match(r"recant::(\w+)", subject)
    if match is None or re.search(rf"\b{match[1]}\b", cxx) is None or "Impl::" in subject:
        faults.append(f"{name} is shown and in no public header")
for needed in ("recant::Store::open", "recant::Snapshot::check", "recant::parse_time", "recant::Judge::judge"):
    if not any(name.startswith(needed + "(") for name in symbols("--demangle")):
        faults.append(f"{needed} is not shown")

soname = subprocess.run(["objdump", "-p", library], check=True, capture_output=True, text=True).stdout
if not re.search(r"SONAME\s+librecant\.so\.\d+\n", soname):
    faults.append("it has no SONAME like librecant.so.0")
third = re.findall(r"#include [<\"]((?!recant/)[\w./]+/[\w./]+|[\w]+\.h)[>\"]", "\n".join(headers.values()))
for header in sorted(set(third) - {"stddef.h", "stdint.h"}):
    faults.append(f"{header} is included by a public header, and is none of ours")
print("\n".join(faults) or f"{len(shown)} symbols, each in a public header")
sys.exit(1 if faults else 0)
