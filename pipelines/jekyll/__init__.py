"""What Jekyll would say of a site: its configuration, its files, its posts.

Rules are transcribed from the sources of Jekyll 4.3/4.4, safe_yaml 1.0.5, Psych, and Ruby's date and time libraries;
each function names the method it follows. What we make of these answers belongs to `pipelines.normalise`.
"""
