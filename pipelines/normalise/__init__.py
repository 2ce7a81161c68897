"""What is made of posts: categories, tags, links and sources fit to count; then the whole archive's terms and hosts.

Everything here follows from rows of the lake and from the rules (`rules.toml`), never from a file of the archive.
"""
