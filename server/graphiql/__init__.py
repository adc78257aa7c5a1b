"""GraphiQL on the endpoint: a page of our own around vendored library files."""

from labelyard.server.graphiql.page import GraphiqlMode, graphiql_response, graphiql_routes

__all__ = ["GraphiqlMode", "graphiql_response", "graphiql_routes"]
