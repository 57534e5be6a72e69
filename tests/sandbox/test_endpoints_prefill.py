"""Prefilling a person's data by a one-time code."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.bench import Bench

PREFILL, OTP = "/v1/kyc/prefill", "/v1/kyc/prefill/otp"


def prefill(bench: Bench, **changes: str) -> Any:
    body = {"phone_number": "14155551212", "date_of_birth": "1985-03-30", "user_id": "user-1"} | changes
    return bench.post(PREFILL, body, participant=None)


def otp(bench: Bench, code: str) -> Any:
    return bench.post(OTP, {"otp": code, "external_id": "user-1"}, participant=None)


def test_prefill(bench: Bench) -> None:
    """The known person gets a code; the right one brings his data, of the SSN the last four digits."""
    status, answer = prefill(bench)
    assert (status, answer["status"]["status"], answer["externalId"]) == (200, "otp_sent", "user-1")
    status, answer = otp(bench, "123456")
    assert (status, answer["status"]["status"]) == (200, "prefill_complete")
    assert len(answer["ssn"]) == 4
    assert otp(bench, "123456")[0] == 404


@pytest.mark.parametrize(("code", "seen"), [("00000", "otp_rejected"), ("000000", "otp_sent"), ("1", "otp_rejected")])
def test_other_codes(bench: Bench, code: str, seen: str) -> None:
    """One is rejected, one stays pending; after three tries there is none."""
    prefill(bench)
    for _ in range(3):
        assert otp(bench, code)[1]["status"]["status"] == seen
    assert otp(bench, "123456")[0] == 404


def test_codes_last_ten_minutes(bench: Bench) -> None:
    """Not longer, by the exchange's clock."""
    prefill(bench)
    bench.clock.move(minutes=11)
    assert otp(bench, "123456")[0] == 404


def test_prefill_of_strangers(bench: Bench) -> None:
    """No match: no code. All three fields are needed."""
    assert prefill(bench, phone_number="12067890036")[1]["status"]["status"] == "no_match"
    assert otp(bench, "123456")[0] == 404
    for name in ("phone_number", "date_of_birth", "user_id"):
        assert prefill(bench, **{name: ""})[0] == 400
    assert bench.post(OTP, {}, participant=None)[0] == 400
