"""From the captured page to two images (làm sạch ảnh): one that is read, one that is seen; a file for each
stage, `chain` for their order."""
