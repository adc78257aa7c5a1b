"""The labeling page: HTML, style sheet and ES modules, served as they are written."""

from labelyard.server.page.page import PAGE_PATH, PageMode, content_origins, labeling_page, page_routes

__all__ = ["PAGE_PATH", "PageMode", "content_origins", "labeling_page", "page_routes"]
