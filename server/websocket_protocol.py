"""uvicorn's websockets, bounded: the size of a message, and no traceback for text that is not UTF-8."""

from __future__ import annotations

from typing import Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

MAX_MESSAGE_BYTES: Final = 1024 * 1024
NOT_TEXT: Final = 1007


class BoundedWebSocketProtocol(WebSocketsSansIOProtocol):
    """The class for uvicorn's `ws=`; a message larger than `ws_max_size` closes the socket with 1009."""

    def send_receive_event_to_app(self) -> None:
        """Hand on a whole message; one that is not text where it says so closes the socket with 1007."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            text = b"".join(self.frames)
            try:
                text.decode()
            except UnicodeDecodeError:
                self.frames = []
                self.conn.send_close(NOT_TEXT, "The message is not UTF-8.")
                self.handle_parser_exception()
                return
            self.frames = [text]
        super().send_receive_event_to_app()
