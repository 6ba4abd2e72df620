"""What the services of one machine may do."""

from pathlib import Path
from typing import Any

import pytest
import yaml

COMPOSE = Path(__file__).resolve().parents[2] / "docker" / "compose.yaml"
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())["services"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_rights_that_it_does_not_name(name: str) -> None:
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]


def test_the_object_store_is_not_root_and_writes_only_to_its_volume() -> None:
    store = SERVICES["object-store"]
    assert store["user"] == "1000:1000"
    assert store["read_only"] is True
    assert store["volumes"] == ["objects:/data"]
    assert store["depends_on"]["objects-owner"] == {"condition": "service_completed_successfully"}
    assert SERVICES["objects-owner"]["entrypoint"][-2:] == ["1000:1000", "/data"]
