"""GraphiQL on the endpoint: a page of our own around files that a locked package brings."""

from server.graphiql.page import GraphiqlMode, graphiql_response, graphiql_routes

__all__ = ["GraphiqlMode", "graphiql_response", "graphiql_routes"]
