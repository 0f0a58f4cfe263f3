"""What every backend must do. The fixture `place` says which ones there are."""

import numpy as np
import pytest

from scanner import Capabilities, ColorMode, PageImage, ScanError, ScanFault, ScanRequest, Source

SMALL = {"dpi": 200, "width_mm": 100, "height_mm": 60}


def fault_of(error: pytest.ExceptionInfo[ScanError]) -> ScanFault:
    assert error.value.code == error.value.fault.value
    return error.value.fault


def close_to(pixels: int, length_mm: float, dpi: int) -> bool:
    """Drivers round to their own steps: a millimetre is no fault."""
    return abs(pixels - length_mm * dpi / 25.4) <= 1 + dpi / 25.4


def is_sound(page: PageImage, request: ScanRequest) -> bool:
    height, width = page.pixels.shape[:2]
    return (
        page.pixels.dtype == np.uint8
        and page.pixels.ndim == (3 if request.mode is ColorMode.COLOR else 2)
        and page.dpi == request.dpi
        and close_to(width, request.width_mm, request.dpi)
        and close_to(height, request.height_mm, request.dpi)
    )


def test_devices_lists_the_scanner_once(place):
    ids = [device.id for device in place.backend.devices()]
    assert ids.count(place.device_id) == 1
    (name,) = {device.backend for device in place.backend.devices()}
    assert name
    assert name == name.strip().lower()


def test_capabilities_hold_what_an_office_needs(place):
    offered = place.backend.capabilities(place.device_id)
    assert isinstance(offered, Capabilities)
    assert {Source.FLATBED, Source.FEEDER} <= set(offered.sources)
    assert {ColorMode.COLOR, ColorMode.GREY} <= set(offered.modes)
    assert {200, 300, 600} <= set(offered.resolutions)
    assert list(offered.resolutions) == sorted(set(offered.resolutions))
    assert offered.max_width_mm >= 210
    assert offered.max_height_mm >= 297


def test_every_source_and_mode_offered_works(place):
    offered = place.backend.capabilities(place.device_id)
    for source in offered.sources:
        for mode in offered.modes:
            place.load()
            request = ScanRequest(source=source, mode=mode, page_limit=2, **SMALL)
            pages = list(place.backend.scan(place.device_id, request))
            assert len(pages) == (1 if source is Source.FLATBED else 2)
            assert all(is_sound(page, request) for page in pages)


def test_a_mode_that_is_not_offered_is_refused(place):
    offered = place.backend.capabilities(place.device_id)
    for mode in set(ColorMode) - set(offered.modes):
        with pytest.raises(ScanError) as error:
            list(place.backend.scan(place.device_id, ScanRequest(mode=mode)))
        assert fault_of(error) is ScanFault.UNSUPPORTED
        assert error.value.facts["wanted"] == mode.value


def test_the_glass_gives_one_page_however_often(place):
    request = ScanRequest(source=Source.FLATBED, **SMALL)
    for _ in range(2):
        (page,) = place.backend.scan(place.device_id, request)
        assert (page.sheet, page.side) == (1, 1)


def test_the_feeder_is_emptied_in_order(place):
    request = ScanRequest(**SMALL)
    pages = list(place.backend.scan(place.device_id, request))
    assert [(page.sheet, page.side) for page in pages] == [(n + 1, 1) for n in range(place.feeder_holds)]
    assert all(is_sound(page, request) for page in pages)


def test_an_empty_feeder_has_no_documents(place):
    with pytest.raises(ScanError) as error:
        next(place.emptied().scan(place.device_id, ScanRequest(**SMALL)))
    assert fault_of(error) is ScanFault.NO_DOCUMENTS


def test_a_filled_feeder_goes_on_where_it_was_empty(place):
    for _ in range(2):
        place.load()
        assert len(list(place.backend.scan(place.device_id, ScanRequest(**SMALL)))) == place.feeder_holds


def test_a_page_limit_ends_the_scan(place):
    pages = list(place.backend.scan(place.device_id, ScanRequest(page_limit=2, **SMALL)))
    assert [page.sheet for page in pages] == [1, 2]


def test_an_unknown_device_is_no_device(place):
    with pytest.raises(ScanError) as error:
        place.backend.capabilities("airscan:e0:Nobody")
    assert fault_of(error) is ScanFault.NO_DEVICE
    with pytest.raises(ScanError) as error:
        next(place.backend.scan("nothing:at:all", ScanRequest()))
    assert fault_of(error) is ScanFault.NO_DEVICE


def test_paper_larger_than_the_device_is_refused_rather_than_clipped(place):
    with pytest.raises(ScanError) as error:
        list(place.backend.scan(place.device_id, ScanRequest(dpi=200, height_mm=500)))
    assert fault_of(error) is ScanFault.REFUSED_SIZE


def test_a_scan_stopped_before_it_began_gives_nothing(place):
    with pytest.raises(ScanError) as error:
        list(place.backend.scan(place.device_id, ScanRequest(), lambda: True))
    assert fault_of(error) is ScanFault.CANCELLED


def test_a_scan_stopped_between_pages_yields_whole_pages_only(place):
    pages = []
    request = ScanRequest(**SMALL)
    with pytest.raises(ScanError) as error:
        pages.extend(place.backend.scan(place.device_id, request, lambda: len(pages) >= 2))
    assert fault_of(error) is ScanFault.CANCELLED
    assert len(pages) == 2
    assert all(is_sound(page, request) for page in pages)
    place.load()
    assert len(list(place.backend.scan(place.device_id, request))) == place.feeder_holds


def test_leaving_the_iteration_frees_the_device(place):
    pages = place.backend.scan(place.device_id, ScanRequest(**SMALL))
    next(pages)
    pages.close()
    place.load()
    assert len(list(place.backend.scan(place.device_id, ScanRequest(**SMALL)))) == place.feeder_holds


def test_a_second_call_during_a_scan_is_refused_at_once(place):
    pages = place.backend.scan(place.device_id, ScanRequest(**SMALL))
    next(pages)
    for call in (
        place.backend.devices,
        lambda: place.backend.capabilities(place.device_id),
        lambda: next(place.backend.scan(place.device_id, ScanRequest())),
    ):
        with pytest.raises(ScanError) as error:
            call()
        assert fault_of(error) is ScanFault.BUSY
    assert len(list(pages)) == place.feeder_holds - 1
