//! The types that the groups of metrics share.

use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::gauge::Gauge;

/// The names and values of the labels of one metric.
pub(super) type Labels<const N: usize> = [(&'static str, &'static str); N];

pub(super) type FloatGauge = Gauge<f64, AtomicU64>;
