"""Small pieces of every page: figures, sections, paging, links."""
