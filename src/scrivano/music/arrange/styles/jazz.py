"""Jazz: comping against a walking bass and the ride; two-feel in ballads; even eighths in fusion."""

from typing import Final

from scrivano.music.arrange.styles.model import Groove, Levels, Style

_COMP: Final[Levels] = {
    1: ("x---x---",),
    2: ("x--x----", "x--x--x-"),
    3: ("x--x....|..x..x..", "..x...x.|x--x....", "x..x..x.|...x...."),
    4: ("..x...x-|..x.x..x|-..x..x.|...x....", "x--x...x|-.x...x.", ".x..x..x|-..x..x.", "...x...x|-..x...."),
    5: ("x.xx..x-|.x.x..xx", "..x.x.xx|-.xx..x.", ".x.x..x-|.x..x.xx", "...x.xxx|-..x.x.x|-.x.xx..|x..x...x"),
}
_WITH: Final[Levels] = {1: ("x-------",), 2: ("x---x---",), 3: ("=",)}
_SWING_DRUMS: Final = (
    "D x.xxx.xx / F ..x...x. / K o.o.o.o.",
    "D x.xxx.xx / F ..x...x. / S .......o / K o.o.o.o.",
    "D x.xxx.xx / F ..x...x. / S ...o.... / K o.o.o.oo",
)
_SWING: Final = Groove(_COMP, _WITH, "walk", _SWING_DRUMS, push=240, velocity=(74, 66, 86, 76))
_WALTZ: Final = Groove(
    {
        1: ("x-----",),
        2: ("x--x--", "..x-x-"),
        3: ("x--x..|..x-x-", "x..x.."),
        4: (".x.x..|x--x.x", "...x.x|-.x-x."),
        5: (".x.xx.|x.xx.x", "..xx.x|-xx.xx"),
    },
    {1: ("x-----",), 3: ("=",)},
    "walk",
    ("D x.xxx. / F ..x.x. / K o.....", "D x.xxx. / F ..x... / K o....o"),
    push=240,
    velocity=(74, 66, 86, 74),
)
_FIVE: Final = Groove(
    {
        1: ("x-----x---",),
        2: ("x--x--x---",),
        3: ("x--x--x-x-", "x--x..x-.."),
        4: ("x--x.xx-.x", ".x.x..x--x"),
        5: ("x.xx.xx.xx", "..xx.xx-.x|-x.x..x.xx"),
    },
    {1: ("x-----x---",), 3: ("=",)},
    "walk",
    ("D x.xxx.x.xx / F ..x.....x. / K o.....o...",),
    push=240,
    velocity=(74, 66, 86, 74),
)
_BALLAD: Final = Groove(
    {
        1: ("x-------",),
        2: ("x---x---",),
        3: ("x---x-x-", "x--xx---", "x-----x-"),
        4: ("x--x--x-", "1-2-x-x-", "x-x-x--x"),
        5: ("12x-x-x-", "x-1-2-x-|x--x-xx-", "x-xx--12"),
    },
    {1: ("x-------",), 2: ("x---x---",), 4: ("x---x---", "x--x----"), 5: ("x--xx---", "x---x-x-")},
    ("r---5---", "r---5-a-", "r-----a-|r---5---"),
    ("D x.x.x.x. / F ..x...x. / K o...o...", "D x.xox.xo / F ..x...x. / K o......."),
    crash=False,
    velocity=(68, 60, 76, 56),
)
_FUSION: Final = Groove(
    {
        1: ("x---x---",),
        2: ("x--x--x-", "x--x----"),
        3: ("x--.--x---x-..x.", "x-----x-....x-x."),
        4: ("x..x..x---x.x.x.", ".xx...x-..x...xx", "x--x--x.x-.x..x-"),
        5: ("x.tx.tx-.xt.x.tx", ".tx.x.t-xt.x..tx", "x..xt.x-c.tx.tx."),
    },
    {1: ("x-------",), 2: ("x---x---",), 3: ("=",)},
    ("r--r--5-r--r-5a-", "r-.r..5.r.r...8a", "r---r-5-.rr---8a"),
    (
        "H x.x.x.x.x.x.x.x. / S ....X.......X... / K x.....x...x.....",
        "H x.xxx.xxx.xxx.xx / S ....X..o.o..X... / K x.....x...xx....",
    ),
    push=240,
    velocity=(78, 70, 88, 78),
)
_FUSION_THREE: Final = Groove(
    _WALTZ.right, _WALTZ.left, ("r--r5-", "r---5a"), ("H xxxxxx / S ....X. / K x..x..",), push=240
)
_FUSION_FIVE: Final = Groove(
    _FIVE.right,
    _FIVE.left,
    ("r--r5-r-5a", "r-----r--a"),
    ("H xxxxxxxxxx / S ....X...X. / K x..x..x...",),
    push=240,
)
_BALLAD_THREE: Final = Groove(
    {
        1: ("x-----",),
        2: ("x---x-",),
        3: ("x--xx-", "x---x-"),
        4: ("x-x-x-", "1-2-x-"),
        5: ("12x-x-", "x-xxx-"),
    },
    {1: ("x-----",), 4: ("x---x-",)},
    ("r---5-", "r----a"),
    ("D x.x.x. / F ..x.x. / K o.....",),
    crash=False,
    velocity=(68, 60, 76, 56),
)
_BALLAD_FIVE: Final = Groove(
    {
        1: ("x-----x---",),
        3: ("x---x-x---", "x--x--x---"),
        4: ("x-x-x-x-x-", "1-2-x-x-x-"),
        5: ("12x-x-x-xx",),
    },
    {1: ("x-----x---",)},
    ("r-----5---", "r---5-r--a"),
    ("D x.x.x.x.x. / F ..x.....x. / K o.........",),
    crash=False,
    velocity=(68, 60, 76, 56),
)

_SWINGING: Final = Style({"4/4": _SWING, "3/4": _WALTZ, "5/4": _FIVE})
JAZZ: Final = {
    "swing": _SWINGING,
    "standard": _SWINGING,
    "bebop": _SWINGING,
    "uptempo": _SWINGING,
    "ballad": Style({"4/4": _BALLAD, "3/4": _BALLAD_THREE, "5/4": _BALLAD_FIVE}),
    "fusion": Style({"4/4": _FUSION, "3/4": _FUSION_THREE, "5/4": _FUSION_FIVE}),
}
