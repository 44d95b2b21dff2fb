from hypothesis import settings

# A slow machine is no failure, and 50 examples of a picture find what 100 find.
settings.register_profile("pictures", deadline=None, max_examples=50)
settings.load_profile("pictures")
