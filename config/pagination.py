"""How the API walks long lists: by cursor, so that a page stays right while rows are added."""

from rest_framework.pagination import CursorPagination


class ByCursor(CursorPagination):
    """Newest first: `public_id` is a UUIDv7, ordered by time. A view may set `ordering`; `?limit=` up to 500."""

    ordering = "-public_id"
    page_size_query_param = "limit"
    max_page_size = 500
