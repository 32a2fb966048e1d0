"""Gospel, neo-soul and R&B: backbeats, pushed sixteenths, full hands."""

from typing import Final

from scrivano.music.arrange.styles.common import alone, backbeat
from scrivano.music.arrange.styles.model import Groove, Levels, Style

_TRIPLE: Final = ("3/4", "6/8", "12/8")

_WORSHIP: Final = Groove(
    {
        1: ("x---x---",),
        2: ("x---x-x-", "x-x-x---"),
        3: ("x---x-x-", "x--xx---", "x-x-x-x-"),
        4: ("x-x-x-xx", "x--x--x-|x-x-x-x-", "1-2-x-x-"),
        5: ("12x-x-xx", "x-xxx-12", "x--xx-xx"),
    },
    {1: ("x-------",), 2: ("x---x---",), 4: ("x--xx---", "x---x-x-"), 5: ("x--x-xx-", "x-x-x---")},
    ("r-----r-", "r---r-5a", "r--5r---"),
    ("H x.x.x.x. / R ..x...x. / K x...x...", "H xxxxxxxx / R ..x...x. / K x..xx..."),
    push=240,
    velocity=(72, 64, 80, 62),
)
_CONCERT: Final = Groove(
    {
        1: ("x---x---",),
        2: ("x-x-x-x-", "x--xx---"),
        3: ("x--xx-x-", "x-xx--x-", "..x-x-x-"),
        4: ("x.xx..x-|.x.xx.x-", "xx.x.xx-", ".x.xx..x|-.x.x.x-"),
        5: ("x.xxx.xx", "xx.xx.xx|-xx.xxx-", ".xxx.xxx|-xx.x.xx"),
    },
    {1: ("x-------",), 2: ("x---x---",), 3: ("x--xx---", "x---x---"), 4: ("=",)},
    ("r--rr-5a", "r-r-5-8a", "r--r5--a"),
    (
        "H xxxxxxxx / S ..X...X. / K x..xx...",
        "H xxxxxxxx / S ..X...X. / K x...xx..",
        "T x.x.x.x. / S ..X...X. / K x..xx..x",
    ),
    push=240,
    velocity=(84, 74, 90, 80),
)
_SHOUT: Final = Groove(
    {
        1: ("x---x---",),
        2: ("..x...x.", "x-x-x-x-"),
        3: (".x.x.x.x", "..x..xx."),
        4: (".x.x.x.x|xx.x.x.x", "x.xx.xx.", ".xxx.x.x"),
        5: ("xx.xxx.x", ".xxx.xxx|xxxx.xxx", "x.xxx.xx"),
    },
    {1: ("x-------",), 2: ("x---x---",), 3: ("x.x.x.x.", "x---x---"), 5: ("=",)},
    "walk",
    ("T xxxxxxxx / S ..X...X. / K x.x.x.x.", "H x.x.x.x. / P ..X...X. / S .x.x.x.x / K x.x.x.x."),
    push=240,
    velocity=(90, 80, 94, 86),
)
_PRACTICE: Final = Groove(
    {
        1: ("x-------", "x---x---"),
        2: ("x---x---",),
        3: ("x---x-x-", "x--xx---"),
        4: ("x-x-x-xx", "x--xx-x-"),
        5: ("12x-xxx-", "x-xxx-xx"),
    },
    {
        1: ("x-------",),
        2: ("x---x---",),
        3: ("x---b---", "x---x---"),
        4: ("x-c-b-c-", "x--bx---"),
        5: ("x-cbx-c-", "x-c-bcb-"),
    },
    role="root",
    velocity=(76, 70, 80, 70),
)

_SMOOTH: Final = Groove(
    {
        1: ("x---x---",),
        2: ("x--x----", "x-----x-"),
        3: ("x--.--x---..x---", "x-----.x------x-", "x---..x-.-x-...."),
        4: ("x--x--.x..x-..x-", ".-x---x-..x---.x|-.x---x-....x-x-", "x.x--.x-..xx--.."),
        5: ("x.tx-.x-.tx-.t.x", ".tx-.tx-..x-t.xx|-.tx-.x-t.x-.tx-", "x-t.xx-.tx.x-.t-"),
    },
    {1: ("x-------",), 2: ("x---x---",), 3: ("x-----x---------", "x---------x-----"), 4: ("=",)},
    ("r-----.r..5-..a.", "r--r..5-..r-...a", "r-.....rr--5..a."),
    (
        "H x.x.x.x.x.x.x.x. / S ....X.......X... / K x......x..x.....",
        "H x.xxx.x.x.xxx.x. / S ....X..o.o..X... / K x.....xx..x.....",
        "H x.x.x.x.x.x.x.xx / R ....X.......X..o / K x..x...x..x.....",
    ),
    push=240,
    velocity=(72, 64, 86, 70),
)
_NEO_UP: Final = Groove(
    {
        1: ("x---x---",),
        2: ("x--x--x-", "x--x.x--"),
        3: ("x--x--x-..x-..x.", "x..x..x-.x..x-..", "..x-..x-x--x..x."),
        4: ("x.xx..x-.xx...x.", ".xx...x-x..x.xx.", "x..xx.x-..xx..xx"),
        5: ("xt.xc.xt.xt.xct.", ".xtx.cx-xt.xtx.c", "x.txtx.-xt.c.xtx"),
    },
    {1: ("x-------",), 2: ("x---x---",), 3: ("x-----x-x-----x-", "x--x----x--x----"), 4: ("=",)},
    ("r-.r..r5..8.r.a.", "r..rr.5.r..r5.a.", "r-r..r.8r.5..ra."),
    (
        "H xxxxxxxxxxxxxxxx / S ....X..o....X..o / K x..x..x...x..x..",
        "H x.x.x.x.x.x.x.x. / O ..............x. / S ....X.......X... / K x.....x.x.x.....",
    ),
    push=240,
    velocity=(80, 72, 92, 80),
)

_RNB_RIGHT: Final[Levels] = {
    1: ("x---x---",),
    2: ("x--x----", "x---x-x-"),
    3: ("x--x--x-....x-..", "x-----x-..x-....", "x---x-..x..x...."),
    4: ("x--x..x-..x-..x-", "x.x-..x-.x..x.x-", "..x-x.x-..x-x.x."),
    5: ("x.tx.tx-.tx-x.t-", ".tx-x.t-xt.x.tx-", "x-tx..xtx-tx.xt."),
}
_RNB_LEFT: Final[Levels] = {
    1: ("x-------",),
    2: ("x---x---",),
    3: ("x-----x-----x---", "x-------x-----x-"),
    4: ("=",),
}
_GROOVE: Final = Groove(
    _RNB_RIGHT,
    _RNB_LEFT,
    ("r--r..r...5.r.a.", "r-....r.r-..5.a.", "r..r..5-r.....8."),
    (
        "H x.x.x.x.x.x.x.x. / S ....X.......X... / K x..x......x.....",
        "H x.x.x.xxx.x.x.xx / P ....X.......X... / K x.....x.x.x.....",
        "H xxxxxxxxxxxxxxxx / S ....X..o....X... / K x.....xx..x....x",
    ),
    push=240,
    velocity=(78, 70, 90, 78),
)
_RNB_BALLAD: Final = Groove(
    {
        1: ("x-------", "x---x---"),
        2: ("x---x---", "x---x-x-"),
        3: ("1-2-x-2-", "x---x-x-", "x-2-x-2-"),
        4: ("1-2-3-2-x-2-3-2-", "x---2-3-x---2-x-", "x-1-2-x-x-1-x-x-"),
        5: ("1-2-3-x-2-3-x-xx", "x-2-3-2-x-23x-2-", "12x-..x-12x-x-x-"),
    },
    {1: ("x-------",), 2: ("x---x---",), 4: ("x---x---", "x--xx---"), 5: ("x--x--x-", "x---x-x-")},
    ("r-----5-", "r---r--a", "r-----r-"),
    ("H x.x.x.x. / R ..X...X. / K x...x...", "H xxxxxxxx / S ..X...X. / K x..xx..."),
    velocity=(68, 60, 80, 64),
)
_RNB_UP: Final = Groove(
    {
        1: ("x---x---",),
        2: ("x-x-x-x-", ".x.x.x.x"),
        3: (".x.x.x.x", "x.xx.xx.", "..x-.xx-"),
        4: ("x.xx.xx-|.xx.x.x-", "x..x..x-x..x..x.", ".xxx.x.x"),
        5: ("x.tx.xtx.tx.c.xt", "xt.xt.xc.xt.xc.x", ".tx.xt.xtx.tx.x-"),
    },
    {1: ("x-------",), 2: ("x---x---",), 3: ("x---x---", "x--xx---"), 4: ("=",)},
    ("r.r.5.8.", "r--rr-5a", "r-r-8-5a"),
    (
        "H xxxxxxxx / S ..X...X. / K x...x...",
        "T xxxxxxxx / S ..X...X. / K x..xx.x.",
        "H x.x.x.x. / O .x.x.x.x / P ..X...X. / K x.x.x.x.",
    ),
    push=240,
    velocity=(86, 76, 94, 84),
)


def _style(four: Groove, *, push: int = 240) -> Style:
    loud = four.velocity
    return Style({"4/4": four} | {meter: backbeat(meter, push=push, velocity=loud) for meter in _TRIPLE})


GOSPEL: Final = {
    "worship": _style(_WORSHIP),
    "concert": _style(_CONCERT),
    "uptempo": _style(_SHOUT),
    "practice": Style({"4/4": _PRACTICE} | {meter: alone(backbeat(meter)) for meter in _TRIPLE}),
}
NEO_SOUL: Final = {"smooth": _style(_SMOOTH), "uptempo": _style(_NEO_UP)}
RNB: Final = {"groove": _style(_GROOVE), "ballad": _style(_RNB_BALLAD, push=0), "uptempo": _style(_RNB_UP)}
