"""Values that somebody may send instead of what is expected. All draws come from the generator that is given."""

from __future__ import annotations

import json
import string
from random import Random
from typing import Any

NUMBERS = (0, -1, 1, 2**31 - 1, 2**31, 2**63, -(2**63), 10**30, 1e308, -0.0, 0.1, 5e-324)
ODD_FLOATS = (float("nan"), float("inf"), float("-inf"))
WORDS = (
    *("", " ", "0", "-1", "1e309", "nan", "NaN", "inf", "-inf", "null", "None", "true", "3_5", "٣", "１２", "0x10"),
    *("..", "../..", "/etc/passwd", "C:\\", "a/b", "-rf", ".hidden", "con", "a" * 65, "%2e%2e", "~", "$HOME", "\x00"),
    *("<script>alert(1)</script>", "[a](javascript:b)", "'; DROP TABLE", "{{7*7}}", "=1+1", "\u202eabc", "é", "🎬"),
    *("\r\n", "\n", "\t", '"', "''", "\\", "::", ",", "|", ":", ";", "\ufeff", "\x1b[31m", "\ud800", "1,5"),
)
BYTES = (b"", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"\r", b"\n", b"\r\n", b"\xc3\x28", b"::", b",", b"9" * 400)


def text(random: Random, most: int = 12) -> str:
    """Some of the words above, or characters of any kind, side by side."""
    parts = random.choices(WORDS, k=random.randint(1, 4))
    if random.random() < 0.5:
        parts.append("".join(random.choices(string.printable, k=random.randint(0, most))))
    if random.random() < 0.3:
        parts += [chr(random.randrange(random.choice((0x2500, 0x110000)))) for _ in range(3)]
    if random.random() < 0.02:
        parts.append(random.choice("a9,:\t") * random.choice((300, 5_000, 200_000)))
    random.shuffle(parts)
    return "".join(parts)


def argument(random: Random) -> str:
    """A text that a shell can hand over: without NUL, and bytes that are no UTF-8 as Python reads them."""
    return text(random).replace("\x00", "").encode(errors="surrogatepass").decode(errors="surrogateescape")


def value(random: Random, depth: int = 0) -> Any:
    """Anything that JSON can say, NaN and infinity included as Python writes them."""
    kinds = ["number", "float", "text", "truth", "nothing"] + (["list", "object"] if depth < 3 else [])
    match random.choice(kinds):
        case "number":
            return random.choice(NUMBERS)
        case "float":
            return random.choice((*ODD_FLOATS, random.uniform(-10, 10)))
        case "text":
            return text(random)
        case "truth":
            return random.random() < 0.5
        case "list":
            return [value(random, depth + 1) for _ in range(random.choice((0, 1, 3, 40)))]
        case "object":
            return {text(random): value(random, depth + 1) for _ in range(random.randint(0, 3))}
    return None


def spoilt(content: bytes, random: Random) -> bytes:
    """A file with one to four things wrong: bytes, lines, its end."""
    for _ in range(random.randint(1, 4)):
        at, to = sorted((random.randint(0, len(content)), random.randint(0, len(content))))
        lines = content.split(b"\n")
        line = random.randrange(len(lines))
        match random.randrange(9):
            case 0:
                content = content[:at]
            case 1:
                content = content[:at] + random.choice(BYTES) + content[at:]
            case 2:
                content = content[:at] + random.randbytes(random.choice((1, 2, 8))) + content[at + 1 :]
            case 3:
                content = content[:at] + content[min(to, at + 40) :]
            case 4:
                content = b"\n".join([*lines[:line], *lines[line:][:1] * random.choice((2, 50)), *lines[line + 1 :]])
            case 5:
                content = b"\n".join(lines[:line] + lines[line + 1 :])
            case 6:
                content = b"\n".join([*lines[:line], text(random).encode(errors="surrogatepass"), *lines[line:]])
            case 7:
                fields = lines[line].split(random.choice((b"\t", b",", b"::", b"|", b" ")))
                fields[random.randrange(len(fields))] = text(random).encode(errors="surrogatepass")
                other = random.choice((b"\t", b",", b"::", b"|")).join(fields)
                content = b"\n".join([*lines[:line], other, *lines[line + 1 :]])
            case 8:
                random.shuffle(lines)
                content = b"\n".join(lines)
    return content


def spoilt_json(facts: Any, random: Random) -> Any:
    """The same value with one to three of its parts exchanged, lost or joined by others, at any depth."""
    facts = json.loads(json.dumps(facts))
    for _ in range(random.randint(1, 3)):
        place = facts
        while isinstance(place, (dict, list)) and place:
            key = random.choice(list(place)) if isinstance(place, dict) else random.randrange(len(place))
            if isinstance(place[key], (dict, list)) and place[key] and random.random() < 0.7:
                place = place[key]
                continue
            match random.randrange(4):
                case 0:
                    del place[key]
                case 1 if isinstance(place, dict):
                    place[text(random)] = value(random)
                case 2 if isinstance(place[key], (int, float)) and not isinstance(place[key], bool):
                    place[key] = random.choice((place[key] * 1e6, -place[key], place[key] + 1, str(place[key])))
                case _:
                    place[key] = value(random)
            break
    return facts


def json_bytes(facts: Any) -> bytes:
    """As Python writes it: with NaN, with lone surrogates as escapes or, now and then, as bytes that are no UTF-8."""
    return json.dumps(facts).encode()
