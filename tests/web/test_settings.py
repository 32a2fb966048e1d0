"""What people set up for themselves and their house: looks, keys, places to publish, webhooks, budgets, projects, packs."""

from tests.web.served import travel


def test_settings_are_changed_and_take_effect(base: str) -> None:
    travel(base, ["settings"], own=True)
