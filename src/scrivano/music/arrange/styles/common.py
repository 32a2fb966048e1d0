"""Grooves for triple and compound meters that backbeat styles share."""

from typing import Final

from scrivano.music.arrange.styles.model import Groove, Levels

RIGHT_68: Final[Levels] = {
    1: ("x-----",),
    2: ("x--x--",),
    3: ("x--xx-", "x--x-x"),
    4: ("x-xx-x", "x--xxx", "x-x-x-"),
    5: ("12xx2x", "x-xxxx", "1-23x-"),
}
LEFT_68: Final[Levels] = {1: ("x-----",), 3: ("x--x--",), 5: ("x-xx--", "x--x-x")}
RIGHT_128: Final[Levels] = {
    1: ("x-----x-----",),
    2: ("x-----x--x--", "x--x--x-----"),
    3: ("x--x-xx--x--", "x-----x-xx-x"),
    4: ("x-xx-xx--x-x", "x--xxxx-xx--"),
    5: ("x-xxxxx-xxxx", "12xx-x12xx-x", "x--x-xx-xxxx"),
}
LEFT_128: Final[Levels] = {
    1: ("x-----------",),
    2: ("x-----x-----",),
    4: ("x--x--x--x--", "x----xx-----"),
    5: ("x--x-xx--x--",),
}
RIGHT_34: Final[Levels] = {
    1: ("x-----",),
    2: ("x---x-", "x-x---"),
    3: ("x-x-x-", "x--xx-"),
    4: ("x--x.x", "x.xxx-", "x-x-xx"),
    5: ("x.xx.x|x--x.x", "12x-xx", "x-xxx-"),
}
LEFT_34: Final[Levels] = {1: ("x-----",), 3: ("x---x-", "x-----"), 5: ("x-x-x-", "x--x--")}

BACKBEAT: Final = {
    "6/8": ("H xxxxxx / S ...X.. / K x.....", "H xxxxxx / S ...X.. / K x....x"),
    "12/8": (
        "H xxxxxxxxxxxx / S ...X.....X.. / K x.....x.....",
        "H xxxxxxxxxxxx / S ...X.....X.. / K x....xx.....",
    ),
    "3/4": ("H x.x.x. / S ....X. / K x.....", "H xxxxxx / S ..x.X. / K x....."),
}
BASS: Final = {
    "6/8": ("r----5", "r--5--", "r----a"),
    "12/8": ("r----5r--5--", "r-----r-5--a", "r----rr----a"),
    "3/4": ("r---5-", "r---5a", "r-5-8-"),
}


def backbeat(meter: str, *, push: int = 0, velocity: tuple[int, int, int, int] = (78, 68, 84, 72)) -> Groove:
    """The groove of 6/8, 12/8 or 3/4 with the snare on its backbeats."""
    right = {"6/8": RIGHT_68, "12/8": RIGHT_128, "3/4": RIGHT_34}[meter]
    left = {"6/8": LEFT_68, "12/8": LEFT_128, "3/4": LEFT_34}[meter]
    return Groove(right, left, BASS[meter], BACKBEAT[meter], push=push, velocity=velocity)


def alone(groove: Groove) -> Groove:
    """The groove for piano without bass and drums: the left hand builds on the bass."""
    return Groove(groove.right, groove.left, (), (), role="root", push=groove.push, velocity=groove.velocity)
