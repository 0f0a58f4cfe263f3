"""Where the private key lives: tokens and key files behind one small contract (thiết bị ký số)."""
