#!/bin/sh
# Finds a Python that is new enough and hands over to bootstrap.py beside this file.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
for python in python3 python3.13 python3.12 python3.11; do
  if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    exec "$python" "$here/bootstrap.py" "$@"
  fi
done
echo "Décroche needs Python 3.11 or newer, and found none here (on Debian: apt install python3 python3-venv)." >&2
exit 1
