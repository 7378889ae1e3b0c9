//! The feed over a WebSocket.

use std::future::poll_fn;
use std::task::ready;

use axum::extract::State;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::SplitSink;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{sleep_until, timeout};
use topspin_feed::limits::MAX_REQUEST_BYTES;

use super::connection::Connection;
use crate::app::App;
use crate::limits::{FEED_READ_BUFFER, FEED_WRITE_BUFFER, WRITE_STALL};
use crate::live::{Open, permit};
use crate::problem::Problem;

/// The name of the JSON encoding as a WebSocket subprotocol.
const JSON: &str = "topspin.feed.v1+json";

/// The feed for partners: a WebSocket. The consumer says `hello` and `subscribe`; it is sent a snapshot of each match or
/// what it missed, then every event and state in order, and heartbeats by which it knows that it is complete.
#[utoipa::path(get, path = "/v1/feed", operation_id = "connect_feed", tag = "live",
    responses((status = 101, description = "The protocol is told in docs/feed.md")))]
pub async fn connect(State(app): State<App>, upgrade: WebSocketUpgrade) -> Result<Response, Problem> {
    let permit = permit(&app)?;
    let upgrade = upgrade
        .protocols([JSON])
        .read_buffer_size(FEED_READ_BUFFER)
        .write_buffer_size(FEED_WRITE_BUFFER)
        .max_message_size(MAX_REQUEST_BYTES)
        .max_frame_size(MAX_REQUEST_BYTES);
    Ok(upgrade.on_upgrade(move |socket| serve(app, socket, permit)))
}

async fn serve(app: App, socket: WebSocket, _permit: OwnedSemaphorePermit) {
    let _open = Open::new(&app);
    let (sink, mut stream) = socket.split();
    let mut out = Out { sink, message: None, is_flushed: true };
    let mut stop = app.stop.clone();
    let mut connection = Connection::open(&app);
    loop {
        if out.message.is_none() {
            out.message = connection.next();
        }
        if out.is_idle() && connection.is_closing() {
            break;
        }
        let wake_at = connection.wake_at(out.is_idle());
        let wake = async {
            match wake_at {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        let stopped = async {
            // A sender that is gone can no longer say stop, which is the same.
            let _ = stop.wait_for(|stop| *stop).await;
        };
        tokio::select! {
            published = connection.news() => connection.take(published),
            written = out.write(), if !out.is_idle() => {
                if written.is_err() {
                    return;
                }
            }
            received = stream.next() => match received {
                Some(Ok(Message::Text(text))) => connection.receive(&text).await,
                Some(Ok(Message::Binary(_))) => connection.close("binary_not_spoken"),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
            },
            () = wake => connection.tick(),
            () = stopped, if !connection.is_closing() => connection.close("stopping"),
        }
    }
    let _ = timeout(WRITE_STALL, out.sink.close()).await;
}

/// What is on its way out.
struct Out {
    sink: SplitSink<WebSocket, Message>,
    message: Option<Bytes>,
    is_flushed: bool,
}

impl Out {
    const fn is_idle(&self) -> bool {
        self.message.is_none() && self.is_flushed
    }

    /// Writes the message as far as there is room, and then all that was written before. Can be dropped at any time.
    async fn write(&mut self) -> Result<(), axum::Error> {
        poll_fn(|context| {
            if self.message.is_some() {
                ready!(self.sink.poll_ready_unpin(context))?;
                // The session writes JSON: that it is UTF-8 is checked again here, cheaply.
                if let Some(text) = self.message.take().and_then(|message| Utf8Bytes::try_from(message).ok())
                {
                    self.sink.start_send_unpin(Message::Text(text))?;
                    self.is_flushed = false;
                }
                // The next message may be there already.
                return Ok(()).into();
            }
            ready!(self.sink.poll_flush_unpin(context))?;
            self.is_flushed = true;
            Ok(()).into()
        })
        .await
    }
}
