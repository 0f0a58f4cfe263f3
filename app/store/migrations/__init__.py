"""The schema as ordered steps: file `NNNN_name.sql` brings version NNNN-1 to NNNN (nâng cấp lược đồ)."""
