"""One file for each thing that is measured; `measure(few)` yields its figures."""
