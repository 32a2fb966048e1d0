"""Signatures of webhooks against the published example of Standard Webhooks."""

from scrivano.notifications.signing import headers, new_secret, sign


def test_a_signature_is_the_one_that_the_standards_libraries_make() -> None:
    # https://github.com/standard-webhooks/standard-webhooks, the test vector that its libraries share
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == expected


def test_each_secret_is_its_own_and_signs_by_itself() -> None:
    one, two = new_secret(), new_secret()
    assert one != two
    made = headers([one, two], "id", 7, b"{}")
    assert made["webhook-signature"] == f"{sign(one, 'id', 7, b'{}')} {sign(two, 'id', 7, b'{}')}"
    assert (made["webhook-id"], made["webhook-timestamp"]) == ("id", "7")
