"""Lines for the upload bench: a thin one made of the kernel's own parts, and one that is cut on purpose."""
