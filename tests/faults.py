"""Small data sets in the real layouts, as folders and zips, for tests that then break them.

All layouts tell the same story: 4 films, 3 users, 6 ratings, the last film never rated.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

Files = dict[str, bytes]

ML_100K: Files = {
    "u.data": b"12\t242\t3\t881250949\n7\t302\t5\t891717742\n12\t377\t1\t878887116\n"
    b"9\t242\t4\t880606923\n7\t242\t2\t886397596\n9\t377\t5\t884182806\n",
    "u.item": (
        "242|Kolya (1996)|24-Jan-1997||http://us.imdb.com/M/title-exact?Kolya%20(1996)|0|0|1|0\n"
        "302|Double vie de Véronique, La (Double Life of Veronique, The) (1991)|01-Jan-1991||http://x|0|0|1|1\n"
        "377|Heavyweights (1994)|01-Jan-1994||http://x|0|1|0|0\n"
        "267|unknown||||1|0|0|0\n"
    ).encode("latin-1"),
    "u.genre": b"unknown|0\nComedy|1\nDrama|2\nRomance|3\n\n",
    "u.user": b"7|24|M|technician|85711\n9|53|F|other|T8H1N\n12|17|M|student|05201\n",
}
ML_1M: Files = {
    "ratings.dat": ML_100K["u.data"].replace(b"\t", b"::"),
    "movies.dat": (
        "242::Kolya (1996)::Drama\n"
        "302::Double vie de Véronique, La (Double Life of Veronique, The) (1991)::Drama|Romance\n"
        "377::Heavyweights (1994)::Comedy\n"
        "267::Mission: Impossible::\n"
    ).encode("latin-1"),
    "users.dat": b"7::M::18::17::85711\n9::F::50::0::T8H1N\n12::M::1::10::05201-1234\n",
}
ML_1M_UNTIMED: Files = {
    "ratings.csv": b"userId,movieId,rating\n12,242,3\n7,302,5\n12,377,1\n9,242,4\n7,242,2\n9,377,5\n",
    "movies.dat": ML_1M["movies.dat"],
    "users.dat": ML_1M["users.dat"],
}
ML_10M: Files = {
    "ratings.dat": ML_1M["ratings.dat"].replace(b"::2::", b"::2.5::"),
    "movies.dat": ML_1M["movies.dat"].decode("latin-1").replace("267::", "267::Léon, ").encode(),
}
CSV: Files = {
    "ratings.csv": b"userId,movieId,rating,timestamp\r\n12,242,3.0,881250949\r\n7,302,5.0,891717742\r\n"
    b"12,377,0.5,878887116\r\n9,242,4.0,880606923\r\n7,242,2.5,886397596\r\n9,377,5.0,884182806\r\n",
    "movies.csv": (
        "movieId,title,genres\r\n"
        "242,Kolya (1996),Drama\r\n"
        '302,"Double vie de Véronique, La (Double Life of Veronique, The) (1991)",Drama|Romance\r\n'
        "377,Heavyweights (1994),Comedy\r\n"
        "267,Ready Player One,(no genres listed)\r\n"
    ).encode(),
}
LAYOUTS: dict[str, Files] = {
    "ml-100k": ML_100K,
    "ml-1m": ML_1M,
    "ml-1m-untimed": ML_1M_UNTIMED,
    "ml-10m": ML_10M,
    "movielens": CSV,
}


def write_folder(folder: Path, files: Files) -> Path:
    """The files in a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def zipped(files: Files, top: str = "some-folder/", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of the files under a top folder ("" for none), as the official zips have it."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", method) as archive:
        if top:
            archive.writestr(top, b"")
        for name, content in files.items():
            archive.writestr(top + name, content)
    return memory.getvalue()


def write_zip(path: Path, files: Files, top: str = "some-folder/", method: int = zipfile.ZIP_DEFLATED) -> Path:
    """`zipped` on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zipped(files, top, method))
    return path


def changed(files: Files, name: str, old: bytes, new: bytes) -> Files:
    """The files with one place changed; the place must be there."""
    assert old in files[name], f"{old!r} is not in {name}"
    return files | {name: files[name].replace(old, new, 1)}


def without(files: Files, *names: str) -> Files:
    """The files less some of them."""
    return {name: content for name, content in files.items() if name not in names}
