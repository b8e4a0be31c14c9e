"""The routes, one module for each part of the server. Each takes a request, calls the engine, gives a stable shape."""

from api.openai.routes import router as openai
from api.routes import about, indexes, page, questions, ranking, records, work

ROUTERS = (
    page.router, about.router, questions.router, indexes.router, records.router, work.router, ranking.router, openai,
)  # fmt: skip
"""In the order in which the documentation shows them."""
