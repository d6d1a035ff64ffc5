"""What others wrote is what the lock says, with its licence beside it."""

import json
from hashlib import sha256
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "config" / "static" / "vendor"


def test_every_vendored_file_is_in_the_lock_with_its_checksum_and_licence():
    lock = json.loads((VENDOR / "vendor.lock.json").read_text())
    kept = {item["kept_as"]: item["kept_sha256"] for item in lock}
    files = {str(path.relative_to(VENDOR)): path for path in VENDOR.glob("*/*") if path.name != "LICENSE"}
    assert {name: sha256(path.read_bytes()).hexdigest() for name, path in files.items()} == kept
    assert all((VENDOR / name).with_name("LICENSE").exists() for name in kept)
