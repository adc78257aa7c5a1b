"""GraphiQL on the endpoint: a page of our own around vendored library files."""

from server.graphiql.page import GraphiqlMode, graphiql_response, graphiql_routes

__all__ = ["GraphiqlMode", "graphiql_response", "graphiql_routes"]
