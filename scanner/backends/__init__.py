"""Ways to reach a scanner; each fulfils `scanner.contract.Backend`."""
