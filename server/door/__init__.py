"""The transports: GraphQL over HTTP and over websockets, files. A door reads and writes bytes; `server.edge` does the rest."""
