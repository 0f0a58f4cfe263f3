"""Words of drivers and of SANE, as they are met in the field."""

import ctypes
import ctypes.util

import pytest

from scanner import ColorMode, ScanFault, Source
from scanner.backends.sane import names, statuses


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Flatbed", Source.FLATBED),
        ("FlatBed", Source.FLATBED),
        ("Platen", Source.FLATBED),
        ("Document Table", Source.FLATBED),
        ("Normal", Source.FLATBED),
        ("Cristal de exposición", Source.FLATBED),
        ("Flachbett", Source.FLATBED),
        ("ADF", Source.FEEDER),
        ("ADF Front", Source.FEEDER),
        ("Automatic Document Feeder", Source.FEEDER),
        ("Automatic Document Feeder(left aligned)", Source.FEEDER),
        ("Automatic Document Feeder(centrally aligned)", Source.FEEDER),
        ("Document Feeder", Source.FEEDER),
        ("ADF Simplex", Source.FEEDER),
        ("Alimentador", Source.FEEDER),
        ("Alimentador automático de documentos", Source.FEEDER),
        ("Chargeur automatique", Source.FEEDER),
        ("ADF Duplex", Source.DUPLEX),
        ("Duplex", Source.DUPLEX),
        ("ADF - Both Sides", Source.DUPLEX),
        ("Automatic Document Feeder(left aligned,Duplex)", Source.DUPLEX),
        ("Alimentador de documentos (doble cara)", Source.DUPLEX),
        ("ADF Back", None),
        ("Card Front", None),
        ("Card Duplex", None),
        ("Transparency Unit", None),
        ("TPU8x10", None),
        ("Slide(s)", None),
        ("Manual Feed Tray", None),
        ("something new", None),
    ],
)
def test_sources(name, meant):
    assert names.source_of(name) is meant


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Color", ColorMode.COLOR),
        ("24bit Color[Fast]", ColorMode.COLOR),
        ("24 bit Color", ColorMode.COLOR),
        ("Farbe", ColorMode.COLOR),
        ("Gray", ColorMode.GREY),
        ("Grayscale", ColorMode.GREY),
        ("True Gray", ColorMode.GREY),
        ("Gray[Error Diffusion]", None),
        ("Lineart", ColorMode.BITONAL),
        ("Black & White", ColorMode.BITONAL),
        ("Binary", ColorMode.BITONAL),
        ("Halftone", None),
        ("Color 48 bits", None),
    ],
)
def test_modes(name, meant):
    assert names.mode_of(name) is meant


def test_every_status_that_the_library_can_speak_is_known():
    library = ctypes.util.find_library("sane")
    if library is None:
        pytest.skip("no SANE library")
    strstatus = ctypes.CDLL(library).sane_strstatus
    strstatus.restype = ctypes.c_char_p
    faults = [statuses.fault_of(strstatus(number).decode()) for number in range(1, 14)]
    assert ScanFault.UNKNOWN not in faults
    assert faults[5:10] == [
        ScanFault.JAMMED,
        ScanFault.NO_DOCUMENTS,
        ScanFault.COVER_OPEN,
        ScanFault.IO,
        ScanFault.OUT_OF_MEMORY,
    ]


def test_a_new_status_is_unknown_and_no_crash():
    assert statuses.fault_of("The scanner is on fire") is ScanFault.UNKNOWN
