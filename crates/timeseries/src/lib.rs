//! Columns, loading, time formats, min/max pyramid, view window and brushing of time series
