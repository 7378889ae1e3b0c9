//! Topologies on a real cluster: the runtime's own suite, here because only the server chooses engines.

use topspin_log_kafka::conformance;

topspin_runtime::exactly_once_suite!(conformance::engine());
