"""The counter's screen: applicant, checklist, page rail, canvas, signing, result (màn hình quầy)."""
