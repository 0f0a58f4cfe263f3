"""The national portal: what it is told and how, and a session that ends in the middle."""

from pathlib import Path

import pytest

import sync

from .behind import field_map, seal, system_behind
from .foreign_servers import Portal, serving


def test_a_dossier_that_the_portal_knows_is_updated(tmp_path: Path) -> None:
    with system_behind("portal", tmp_path) as portal:
        portal.make().deliver(seal(tmp_path), sync.Errand())
        portal.make().deliver(seal(tmp_path, seed=2), sync.Errand())
        (dossier,) = portal.system.dossiers.values()
        assert [paper["MaThanhPhanHoSo"] for paper in dossier["TaiLieuNop"]] == [
            f"1.001193.{n:02d}" for n in (1, 2, 3)
        ]
        assert dossier["NgayTiepNhan"] == "20260520083000"
        assert dossier["HoSoCoThanhPhanSoHoa"] == "1"
        assert dossier["DanhSachGiayToKetQua"] == []
        assert {paper["DuongDanTaiTepTin"][-64:] for paper in dossier["TaiLieuNop"]} <= set(
            portal.system.files
        )
        assert portal.system.progress[-1]["MaHoSo"] == dossier["MaHoSo"]


def test_an_answer_that_was_lost_is_found_although_the_look_up_lags(tmp_path: Path) -> None:
    with system_behind("portal", tmp_path) as portal:
        portal.make().deliver(seal(tmp_path), sync.Errand())
        portal.system.lags = True  # the dossier is announced as new, and the portal says that it has it
        portal.make().deliver(seal(tmp_path, seed=2), sync.Errand())
        (dossier,) = portal.system.dossiers.values()
        assert dossier["DinhDanhCHS"] == [{"LoaiDinhDanh": "1", "SoDinhDanh": "011301001234"}]
        assert dossier["MaDoiTuong"] == ""


def test_the_portals_own_adapter_wants_a_login_and_forgets_it(tmp_path: Path) -> None:
    rules = field_map("portal")
    rules["service"] |= {"login": "mapi/login", "unit": "000.00.01.H18"}
    with serving(portal := Portal(login=("xa-1", "mat-khau"))):
        given = {"client-secret": "mat-khau"}

        def connector() -> sync.Connector:
            return sync.connect(
                sync.LineSettings(
                    kind="portal", address=portal.url, client_id="xa-1", secret=given.get, field_map=rules
                )
            )

        speaking = connector()
        assert speaking.greet().name
        speaking.deliver(seal(tmp_path), sync.Errand())
        assert portal.count("POST", "/mapi/login") == 1
        portal.session = "another"  # the portal has forgotten us
        speaking.deliver(seal(tmp_path, seed=2), sync.Errand())
        assert portal.count("POST", "/mapi/login") == 2
        assert portal.units == {"000.00.01.H18"}
        speaking.close()
        given["client-secret"] = "sai"
        refused = connector()
        with pytest.raises(sync.SyncError) as caught:
            refused.greet()
        assert (caught.value.fault, caught.value.facts["reason"]) == (sync.Fault.UNAUTHORISED, "login")
        assert "sai" not in str(caught.value) + str(caught.value.facts)
        refused.close()


def test_the_portals_refusals_are_told_with_their_code(tmp_path: Path) -> None:
    with system_behind("portal", tmp_path) as portal:
        portal.system.session_over = True
        with pytest.raises(sync.SyncError) as session:
            portal.make().deliver(seal(tmp_path), sync.Errand())
        assert session.value.fault is sync.Fault.UNAUTHORISED
        portal.system.session_over = False
        portal.system._announce = lambda *_, **__: (200, b'{"error_code": "9", "message": "x"}')
        with pytest.raises(sync.SyncError) as refused:
            portal.make().deliver(seal(tmp_path), sync.Errand())
        assert refused.value.fault is sync.Fault.REJECTED
        assert refused.value.facts["reason"] == "9"
