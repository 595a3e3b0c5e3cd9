"""Property tests here train models: on a busy machine an example may take its time."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
