"""Reggae and Latin: the off-beat and the drop, the clave and what is locked to it."""

from typing import Final

from scrivano.music.arrange.styles.model import Groove, Levels, Style

# Counted full (from 110): skank on 2 and 4, drop on 3. Counted in half: skank on every "and", drop on 2 and 4.
_BUBBLE: Final[Levels] = {
    1: ("........",),
    2: (".x.x.x.x",),
    4: (".xx..xx.", ".x.x.x.x"),
    5: (".xx.xxx.", ".xx..xxx"),
}
_ROOTS: Final = Groove(
    {1: ("..x...x.",), 4: ("..X...X.",)},
    _BUBBLE,
    ("r---..5-r-..a-..", "r-....r.5-..8...", "..r.r---..5-r-..", "r-r.5---....r-a."),
    (
        "H x.x.x.x. / R ....x... / K ....x...",
        "H xxxxxxxx / R ....X... / K ....X...",
        "H ..x...x. / R ....x... / K ....x...",
    ),
    free=False,
    ring=False,
    crash=False,
    velocity=(76, 62, 98, 76),
)
_ROOTS_HALF: Final = Groove(
    {1: (".x.x.x.x",), 4: (".X.x.X.x",)},
    {1: ("........",), 2: ("...x...x",), 3: (".x.x.x.x",), 5: (".x.x.x.x",)},
    ("r---..5-r-..a-..", "r-....r.5-..8...", "r-r.5---....r-a."),
    ("H x.x.x.x. / R ..x...x. / K ..x...x.", "H xxxxxxxx / R ..X...X. / K ..X...X."),
    free=False,
    ring=False,
    crash=False,
    velocity=(76, 62, 98, 76),
)
_DUB: Final = Groove(
    {1: ("..x...x.",), 4: ("..X...x.", "..x...X.")},
    {1: ("........",), 3: ("........|.x.x....", "........"), 4: (".x.x....|........", "........|....xx..")},
    ("r-----5-....r-..", "r---....r-5-....", "r-....r-....5-8."),
    (
        "H ..x...x. / R ....X... / K ....X...",
        "H xxxxxxxx / R ....X... / K ....X...",
        "O ......x. / R ....X... / K ....X...",
    ),
    free=False,
    ring=False,
    crash=False,
    velocity=(74, 58, 104, 78),
)
_DUB_HALF: Final = Groove(
    {1: (".x.x.x.x",), 3: (".x.x.x.x", ".x...x..", "...x...x")},
    {1: ("........",), 4: ("...x....|........",)},
    ("r-----5-....r-..", "r-....r-....5-8."),
    ("H ..x...x. / R ..X...X. / K ..X...X.", "H xxxxxxxx / R ..X...X. / K ..X...X."),
    free=False,
    ring=False,
    crash=False,
    velocity=(74, 58, 104, 78),
)
_DANCEHALL: Final = Groove(
    {
        1: ("..x...x.", ".x.x.x.x"),
        3: ("..x...x...x...x.", "..x..xx...x..xx."),
        4: ("..x..x..x..x..x.", "x..x..x.x..x..x."),
        5: ("x.xx..x.x.xx..xx", "..xx.xx...xx.xx."),
    },
    {1: ("x-------",), 2: ("x---x---",), 3: ("x--x--x-x--x--x-", "x---x---"), 5: ("x..x..x.x..x..x.",)},
    ("r--r--r.r--r--5.", "r--r--5.r-....a.", "r.....r.r..r..5."),
    (
        "H x.x.x.x.x.x.x.x. / K x.......x....... / S ...x..x....x..x.",
        "H xxxxxxxxxxxxxxxx / K x.......x....... / R ...X..X....X..X.",
    ),
    ring=False,
    crash=False,
    velocity=(80, 70, 100, 84),
)

REGGAE: Final = {
    "roots": Style({"4/4": _ROOTS}, {"4/4": _ROOTS_HALF}, 110),
    "dub": Style({"4/4": _DUB}, {"4/4": _DUB_HALF}, 110),
    "dancehall": Style({"4/4": _DANCEHALL}),
}

# The side of two strokes first; a piece in 3-2 begins with the second bar.
_MONTUNO: Final[Levels] = {
    1: ("x---x--x|---x--x-",),
    2: ("x-x-x--x|--.x.x--", "x.x.x..x|-..x..x."),
    3: ("x.xx.x.x|-x.x.x.x", "x.xx.x.x|-x.xx.x."),
    4: ("x.ix.i.o|-i.o.i.o", "x.xi.x.o|-x.i.x.o", "xixx.xix|-xix.xix"),
    5: ("xiox.ixo|-ioi.xio", "xixo.iox|-oix.oix", "x.ioixio|-i.oixio"),
}
_SALSA_DRUMS: Final = (
    "L ..x.x...|x..x..x. / g ..x..... / G ......xx / M xxxxxxxx",
    "L ..x.x...|x..x..x. / B x.x.x.x. / G ......xx / g ..x.....",
    "L ..x.x...|x..x..x. / B x.x.xxxx|x.xxx.xx / G ......xx / K ...x....",
)
_SALSA: Final = Groove(
    _MONTUNO,
    {1: ("x-------",), 2: ("=",)},
    ("---5--r-",),
    _SALSA_DRUMS,
    push=240,
    bass_push=480,
    crash=False,
    clave=True,
    velocity=(84, 72, 94, 80),
)
_BOSSA: Final = Groove(
    {
        1: ("x---x---",),
        2: ("x--x----", "x-----x-"),
        3: ("x..x..x.|..x..x..", "x-.x-.x-|..x-.x-."),
        4: ("x.xx..x-|.x..x.x.", "x..x.x.x|-.x..xx."),
        5: ("x.xx.xxx|-xx.x.xx", "1.xx.2xx|-x1.xx.x"),
    },
    {1: ("x-------",), 2: ("x---x---",), 3: ("=",)},
    ("r--55--5", "r--rr--5", "r--55--r"),
    (
        "R ..x..x..|x..x..x. / H xxxxxxxx / K x..xx..x",
        "R ..x..x..|x..x..x. / M xxxxxxxx / K x...x...",
    ),
    push=240,
    crash=False,
    clave=True,
    velocity=(70, 62, 82, 62),
)
_BOLERO: Final = Groove(
    {
        1: ("x---x---",),
        2: ("x---x-x-", "x-x-x-x-"),
        3: ("1-2-3-2-|1-232-x-", "x-2-x-2-", "x-x-x-x-"),
        4: (".1232123", "x-2123x-", "x.12x.12"),
        5: (".12x2x12", "x123x12x", "12x2x2x2"),
    },
    {1: ("x-------",), 2: ("x---x---",), 4: ("x---x-x-", "x---x---"), 5: ("x-.xx-x-",)},
    ("r---5-r-", "r---5-a-", "r---r-5-"),
    ("M xxxxxxxx / G ......xx / R x...x.x.", "M xxxxxxxx / J ....x.x. / R x..x..x."),
    crash=False,
    velocity=(68, 60, 80, 58),
)

LATIN: Final = {
    "salsa": Style({"4/4": _SALSA}),
    "uptempo": Style({"4/4": _SALSA}),
    "bossa": Style({"4/4": _BOSSA}),
    "bolero": Style({"4/4": _BOLERO}),
}
