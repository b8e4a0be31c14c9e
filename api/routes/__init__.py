"""The routes, one module for each part of the server. Each takes a request, calls the engine, gives a stable shape."""

from api.routes import about, questions

ROUTERS = (about.router, questions.router)
"""In the order in which the documentation shows them."""
