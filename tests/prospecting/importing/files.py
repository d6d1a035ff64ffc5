"""Files as people send them: real ones from tests/data, and small ones written on the spot."""

import gzip
import shutil
from pathlib import Path

DATA = Path(__file__).parents[2] / "data"
SCHOOLS = "fr-en-annuaire-education_dep35_2023-06.csv"
DRESSES = (
    SCHOOLS,
    "dep35_cp1252.csv",
    "dep35_sep-line.csv",
    "dep35_slim_excel-mangled.csv",
    "dep35_slim_truth.csv",
    "dep35_title-row_numeric-phones.xlsx",
)
CENTRES = "centres-vaccination_2021-11-18.csv"


def real(name: str, folder: Path, kind: str = "leads") -> Path:
    """A real file, unpacked into `folder`."""
    packed = DATA / kind / f"{name}.gz"
    target = folder / name
    if packed.exists():
        with gzip.open(packed) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out)
    else:
        shutil.copyfile(DATA / kind / name, target)
    return target


def written(folder: Path, text: str | bytes, name: str = "fichier.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path
