//! The suite of the contract.

use topspin_log_kafka::conformance;

topspin_log::conformance_suite!(conformance::engine());
