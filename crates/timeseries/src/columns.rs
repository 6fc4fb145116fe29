//! Named number columns beside a time axis.
//!
//! Every column is as long as the axis. Missing values are NaN.

use std::ops::Range;

use crate::axis::TimeAxis;
use crate::pyramid::{Extent, Pyramid};
use crate::values::Values;

/// One channel of data.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Name as configurations address it: lower-cased for CSV, as written for JSON, `"0"`, `"1"`, … without a header.
    pub name: String,
    /// Place in the file's header.
    pub header_index: usize,
    pub values: Values,
    /// Over these values, built as they came.
    pub pyramid: Pyramid,
}

impl Column {
    pub fn new(name: impl Into<String>, header_index: usize) -> Self {
        Self { name: name.into(), header_index, values: Values::default(), pyramid: Pyramid::default() }
    }

    /// With its values.
    pub fn filled(mut self, values: impl IntoIterator<Item = f64>) -> Self {
        values.into_iter().for_each(|v| self.push(v));
        self.values.finish();
        self
    }

    pub fn push(&mut self, value: f64) {
        // An infinity is a gap in both.
        let value = if value.is_finite() { value } else { f64::NAN };
        self.values.push(value);
        self.pyramid.push(value);
    }

    /// Minimum and maximum over samples; cut to the data.
    pub fn extent(&self, samples: Range<usize>) -> Extent {
        self.pyramid.extent(&self.values, samples)
    }

    /// Over the whole column.
    pub fn whole(&self) -> Extent {
        self.extent(0..self.values.len())
    }
}

/// The loaded data of one TimeSeries tag.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    pub axis: TimeAxis,
    pub columns: Vec<Column>,
    /// Every column name of the file, loaded or not.
    pub header: Vec<String>,
}

impl Columns {
    pub fn len(&self) -> usize {
        self.axis.len()
    }

    pub fn is_empty(&self) -> bool {
        self.axis.is_empty()
    }

    /// The column a `column="…"` or an entry of `overviewChannels` means: a name (any case) or a header index.
    pub fn find(&self, wanted: &str) -> Option<&Column> {
        self.columns.get(self.find_index(wanted)?)
    }

    /// As [`Columns::find`], giving the place in [`Columns::columns`].
    pub fn find_index(&self, wanted: &str) -> Option<usize> {
        let header_index = resolve(&self.header, wanted)?;
        self.columns.iter().position(|c| c.header_index == header_index)
    }

    /// The channels the overview draws: those named in the comma list that exist, or all when none does.
    pub fn overview(&self, comma_list: &str) -> Vec<usize> {
        let mut chosen = Vec::new();
        for part in comma_list.split(',').filter(|p| !p.trim().is_empty()) {
            if let Some(index) = self.find_index(part)
                && !chosen.contains(&index)
            {
                chosen.push(index);
            }
        }
        if chosen.is_empty() { (0..self.columns.len()).collect() } else { chosen }
    }
}

/// Place in `header` of the column that `wanted` names: exact, then in any case, then as an index.
pub(crate) fn resolve(header: &[String], wanted: &str) -> Option<usize> {
    let wanted = wanted.trim();
    let lower = wanted.to_lowercase();
    header
        .iter()
        .position(|name| name == wanted)
        .or_else(|| header.iter().position(|name| name.to_lowercase() == lower))
        .or_else(|| wanted.parse::<usize>().ok().filter(|index| *index < header.len()))
}

/// The existing name closest to a misspelt one, if it is close enough to be worth proposing.
pub(crate) fn suggestion(header: &[String], wanted: &str) -> Option<String> {
    let wanted = wanted.trim().to_lowercase();
    header
        .iter()
        .map(|name| (strsim::damerau_levenshtein(&name.to_lowercase(), &wanted), name))
        .filter(|(distance, name)| *distance <= 1 + name.chars().count() / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Columns {
        let header: Vec<String> = ["time", "sensor_a", "sensor_b"].map(String::from).to_vec();
        let columns = [1, 2].map(|i| Column::new(&header[i], i).filled([0.0; 3])).to_vec();
        Columns { axis: TimeAxis::index(3, None), columns, header }
    }

    #[test]
    fn a_column_is_found_by_name_in_any_case_and_by_header_index() {
        let data = columns();
        assert_eq!(data.find("SENSOR_B").unwrap().header_index, 2);
        assert_eq!(data.find("1").unwrap().name, "sensor_a");
        assert!(data.find("0").is_none(), "the time column is no channel");
        assert!(data.find("9").is_none());
    }

    #[test]
    fn an_overview_list_without_a_match_means_all() {
        let data = columns();
        assert_eq!(data.overview("Sensor_B, 2"), vec![1]);
        assert_eq!(data.overview("nothing"), vec![0, 1]);
        assert_eq!(data.overview(""), vec![0, 1]);
    }

    #[test]
    fn a_misspelt_name_gets_a_proposal_and_a_foreign_one_none() {
        let header = columns().header;
        assert_eq!(suggestion(&header, "sensr_a").as_deref(), Some("sensor_a"));
        assert_eq!(suggestion(&header, "temperature"), None);
    }
}
