"""The systems that a sealed package can be handed to, each behind one contract (bộ kết nối).

`intake` speaks to our own intake, `documents` to a document service by CV 7197/BKHCN, `portal` to the
national public-service portal, `folder` to a shared folder or drive.
"""
