import configparser
import stat

from pipeline.package_index import pip_conf, pip_conf_file

ENVIRONMENT = {
    "PIP_INDEX_URL": "https://user:se%40cret@pypi.example.com/simple",
    "PIP_EXTRA_INDEX_URL": "https://a.example.com\nhttps://b.example.com",
    "HOME": "/root",
}


def test_pip_is_told_of_the_index_of_this_machine() -> None:
    read = configparser.RawConfigParser()
    read.read_string(pip_conf(ENVIRONMENT))
    assert dict(read["global"]) == {
        "index-url": ENVIRONMENT["PIP_INDEX_URL"],
        "extra-index-url": "https://a.example.com https://b.example.com",
    }


def test_where_no_index_is_set_there_is_no_secret() -> None:
    with pip_conf_file({"PIP_INDEX_URL": "", "HOME": "/root"}) as file:
        assert file is None


def test_the_file_is_ours_alone_and_gone_at_the_end() -> None:
    with pip_conf_file(ENVIRONMENT) as file:
        assert file is not None
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.read_text() == pip_conf(ENVIRONMENT)
    assert not file.exists()
