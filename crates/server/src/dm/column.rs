//! The columns of a task that may be filtered and ordered by: a closed list.

use super::filter::Operator;
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    Id,
    InnerId,
    CompletedAt,
    TotalAnnotations,
    CancelledAnnotations,
    TotalPredictions,
    Annotators,
    AnnotationsResults,
    AnnotationsIds,
    PredictionsScore,
    PredictionsModelVersions,
    PredictionsResults,
    FileUpload,
    StorageFilename,
    CreatedAt,
    UpdatedAt,
    UpdatedBy,
    AvgLeadTime,
    DraftExists,
    IsLabeled,
    Overlap,
    /// A field of the task's data, by its literal name.
    Data(String),
}

/// How the values of a column compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Integer,
    Number,
    Moment,
    Text,
    Boolean,
    /// Ids of users, or of annotations: none or many.
    Ids,
    /// Texts: none or many.
    Texts,
    /// Results of annotations or predictions: JSON, searched as text.
    Results,
}

/// Names and kinds of all columns but those of data.
const NAMED: &[(&str, Column, Kind)] = &[
    ("id", Column::Id, Kind::Integer),
    ("inner_id", Column::InnerId, Kind::Integer),
    ("completed_at", Column::CompletedAt, Kind::Moment),
    ("total_annotations", Column::TotalAnnotations, Kind::Integer),
    ("cancelled_annotations", Column::CancelledAnnotations, Kind::Integer),
    ("total_predictions", Column::TotalPredictions, Kind::Integer),
    ("annotators", Column::Annotators, Kind::Ids),
    ("annotations_results", Column::AnnotationsResults, Kind::Results),
    ("annotations_ids", Column::AnnotationsIds, Kind::Ids),
    ("predictions_score", Column::PredictionsScore, Kind::Number),
    ("predictions_model_versions", Column::PredictionsModelVersions, Kind::Texts),
    ("predictions_results", Column::PredictionsResults, Kind::Results),
    ("file_upload", Column::FileUpload, Kind::Text),
    ("storage_filename", Column::StorageFilename, Kind::Text),
    ("created_at", Column::CreatedAt, Kind::Moment),
    ("updated_at", Column::UpdatedAt, Kind::Moment),
    ("updated_by", Column::UpdatedBy, Kind::Ids),
    ("avg_lead_time", Column::AvgLeadTime, Kind::Number),
    ("draft_exists", Column::DraftExists, Kind::Boolean),
    ("is_labeled", Column::IsLabeled, Kind::Boolean),
    ("overlap", Column::Overlap, Kind::Integer),
];

impl Column {
    /// The column of a name without its `filter:tasks:` or `tasks:`; what is wrong with it, where it is none.
    pub fn parse(name: &str) -> Result<Self, String> {
        if let Some(key) = name.strip_prefix("data.") {
            if key.is_empty() {
                return Err("\"data.\" names no field of the data".into());
            }
            if key.contains('\0') {
                return Err("the name of a data field may hold no null character".into());
            }
            return Ok(Self::Data(key.to_owned()));
        }
        // The reference lets this one look into another table; it is the same question.
        let name = if name == "annotations__completed_by" { "annotators" } else { name };
        if name.contains("__") {
            return Err(format!("{name:?} looks into another table, which is not allowed"));
        }
        match NAMED.iter().find(|(known, ..)| *known == name) {
            Some((_, column, _)) => Ok(column.clone()),
            None => {
                let known: Vec<&str> = NAMED.iter().map(|(name, ..)| *name).collect();
                Err(format!("there is no column {name:?}; columns are data.<field>, {}", known.join(", ")))
            }
        }
    }

    /// The kind of its values; those of data are what the type of a filter says.
    pub fn kind(&self) -> Kind {
        NAMED.iter().find(|(_, column, _)| column == self).map_or(Kind::Text, |(.., kind)| *kind)
    }

    /// Whether a task may have no value.
    pub fn is_nullable(&self) -> bool {
        matches!(
            self,
            Self::CompletedAt
                | Self::PredictionsScore
                | Self::PredictionsModelVersions
                | Self::PredictionsResults
                | Self::AnnotationsResults
                | Self::AnnotationsIds
                | Self::Annotators
                | Self::FileUpload
                | Self::StorageFilename
                | Self::UpdatedBy
                | Self::AvgLeadTime
                | Self::Data(_)
        )
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data(key) => write!(f, "data.{key}"),
            other => {
                let name = NAMED.iter().find(|(_, column, _)| column == other).map_or("", |(name, ..)| *name);
                f.write_str(name)
            }
        }
    }
}

impl Kind {
    /// What a filter's `type` says of a field of the data; the types of media are those of the columns that show them.
    pub fn of_type(name: &str) -> Option<Self> {
        Some(match name {
            "Number" | "Time" => Self::Number,
            "Boolean" => Self::Boolean,
            "Datetime" | "String" | "List" | "Unknown" | "Text" | "HyperText" | "Paragraphs" | "Image"
            | "Audio" | "AudioPlus" | "Video" | "TimeSeries" | "Pdf" | "Chat" | "Table" | "Tree" => {
                Self::Text
            }
            _ => return None,
        })
    }

    /// Which operators make sense.
    pub fn operators(self) -> &'static [Operator] {
        use Operator::*;
        match self {
            Self::Integer => &[
                Equal,
                NotEqual,
                Less,
                Greater,
                LessOrEqual,
                GreaterOrEqual,
                In,
                NotIn,
                InList,
                NotInList,
                Contains,
                NotContains,
                Regex,
                Empty,
            ],
            Self::Number => &[
                Equal,
                NotEqual,
                Less,
                Greater,
                LessOrEqual,
                GreaterOrEqual,
                In,
                NotIn,
                InList,
                NotInList,
                Empty,
            ],
            Self::Moment | Self::Text => &[
                Equal,
                NotEqual,
                Less,
                Greater,
                LessOrEqual,
                GreaterOrEqual,
                In,
                NotIn,
                InList,
                NotInList,
                Contains,
                NotContains,
                Regex,
                Empty,
            ],
            Self::Boolean => &[Equal, NotEqual, Empty],
            Self::Ids => &[Contains, NotContains, Equal, NotEqual, InList, NotInList, Empty],
            Self::Texts => &[Contains, NotContains, Equal, NotEqual, InList, NotInList, Regex, Empty],
            Self::Results => &[Contains, NotContains, Equal, NotEqual, Regex, Empty],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_columns_are_one_to_one() {
        for (name, column, kind) in NAMED {
            assert_eq!(Column::parse(name).as_ref(), Ok(column));
            assert_eq!(column.to_string(), *name);
            assert_eq!(column.kind(), *kind);
        }
        assert_eq!(Column::parse("data.a.b"), Ok(Column::Data("a.b".into())));
        assert_eq!(Column::parse("data.a__b"), Ok(Column::Data("a__b".into())));
        assert_eq!(Column::parse("annotations__completed_by"), Ok(Column::Annotators));
    }

    #[test]
    fn nothing_else_is_a_column() {
        for name in
            ["", "data", "data.", "ID", "updated_by__password", "project", "meta", "id;--", "t.id", "data.\0"]
        {
            assert!(Column::parse(name).is_err(), "{name}");
        }
    }
}
