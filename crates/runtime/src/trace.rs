//! The trace context of a request, beside its arguments: it is of no interest to whoever handles it.

use std::sync::Arc;

use topspin_log::TraceContext;

tokio::task_local! {
    static CONTEXT: Option<Arc<TraceContext>>;
}

/// Does something on behalf of a caller: what [`Partition::call`](crate::Partition::call) appends meanwhile has the
/// context in its headers. A task that is spawned meanwhile does not.
pub async fn traced<T>(context: Option<TraceContext>, work: impl Future<Output = T>) -> T {
    CONTEXT.scope(context.map(Arc::new), work).await
}

/// On whose behalf the task is doing what it does.
pub fn trace_context() -> Option<Arc<TraceContext>> {
    CONTEXT.try_with(Clone::clone).ok().flatten()
}
