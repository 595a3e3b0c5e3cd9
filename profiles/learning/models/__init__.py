"""Models that river does not have, one small file each, with the source of its formula."""
