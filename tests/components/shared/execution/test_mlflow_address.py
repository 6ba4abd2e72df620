import pytest

from components.shared.execution.mlflow_address import hide_credentials, masked, shown_address


def test_user_and_password_leave_the_address_of_a_server() -> None:
    environment = {"MLFLOW_TRACKING_URI": "https://anna:hunter%402@host:5000/base"}
    hide_credentials(environment)
    assert environment == {
        "MLFLOW_TRACKING_URI": "https://host:5000/base",
        "MLFLOW_TRACKING_USERNAME": "anna",
        "MLFLOW_TRACKING_PASSWORD": "hunter@2",
    }
    hide_credentials(environment)
    assert environment["MLFLOW_TRACKING_USERNAME"] == "anna"


@pytest.mark.parametrize("uri", ["http://host:5000", "sqlite:////runs/mlflow.db", ""])
def test_an_address_without_them_stays(uri: str) -> None:
    environment = {"MLFLOW_TRACKING_URI": uri}
    hide_credentials(environment)
    assert environment == {"MLFLOW_TRACKING_URI": uri}


def test_no_password_of_a_database_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    uri = "postgresql+psycopg2://anna:hunt@er2@db:5432/mlflow"
    assert masked(f"at {uri}.") == "at postgresql+psycopg2://anna:***@db:5432/mlflow."
    assert masked("http://host:80/x@y and a:b@c") == "http://host:80/x@y and a:b@c"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    assert "er2" not in shown_address()
