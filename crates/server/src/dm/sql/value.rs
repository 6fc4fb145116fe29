//! Columns as SQL expressions over `tasks t`.

use super::test::by_code_point;
use super::{Binds, Dialect};
use crate::dm::{Column, Kind};

/// The name of the object in a storage that a task came from.
pub fn storage_filename_sql() -> &'static str {
    "(SELECT l.key FROM storage_links l WHERE l.task = t.id ORDER BY l.id LIMIT 1)"
}

/// Where in `annotations` or `predictions` the results of a task are.
pub(super) fn results_table(column: &Column) -> &'static str {
    if *column == Column::PredictionsResults { "predictions" } else { "annotations" }
}

/// A stored column, which an index may hold.
pub(super) fn stored(column: &Column) -> Option<&'static str> {
    Some(match column {
        Column::Id => "t.id",
        Column::InnerId => "t.inner_id",
        Column::CompletedAt => "t.completed_at",
        Column::TotalAnnotations => "t.total_annotations",
        Column::CancelledAnnotations => "t.cancelled_annotations",
        Column::TotalPredictions => "t.total_predictions",
        Column::PredictionsScore => "t.predictions_score",
        Column::CreatedAt => "t.created_at",
        Column::UpdatedAt => "t.updated_at",
        Column::UpdatedBy => "t.updated_by",
        Column::AvgLeadTime => "t.avg_lead_time",
        Column::IsLabeled => "t.is_labeled",
        Column::Overlap => "t.overlap",
        _ => return None,
    })
}

/// The one value of a column; of a column with many values the least, which is what it is ordered by.
pub(super) fn scalar(column: &Column, kind: Kind, binds: &mut Binds) -> String {
    if let Some(name) = stored(column) {
        return name.into();
    }
    match column {
        Column::Annotators => least("annotations", "completed_by", ""),
        Column::AnnotationsIds => least("annotations", "id", ""),
        Column::AnnotationsResults => least("annotations", "result", by_code_point(kind, binds.dialect)),
        Column::PredictionsModelVersions => {
            least("predictions", "model_version", by_code_point(kind, binds.dialect))
        }
        Column::PredictionsResults => least("predictions", "result", by_code_point(kind, binds.dialect)),
        Column::DraftExists => "EXISTS (SELECT 1 FROM drafts d WHERE d.task = t.id)".into(),
        // The name without `upload/<project>/`.
        Column::FileUpload => {
            "(SELECT SUBSTR(f.file, LENGTH(CAST(t.project AS TEXT)) + 9) FROM file_uploads f \
                               WHERE f.id = t.file_upload)"
                .into()
        }
        Column::StorageFilename => storage_filename_sql().into(),
        Column::Data(key) if kind == Kind::Number => number(key, binds),
        Column::Data(key) => text(key, binds),
        _ => "NULL".into(),
    }
}

/// The same as text, for columns that have one.
pub(super) fn as_text(column: &Column, kind: Kind, binds: &mut Binds) -> String {
    match (column, kind) {
        (Column::Data(key), _) => text(key, binds),
        (_, Kind::Integer) => format!("CAST({} AS TEXT)", scalar(column, kind, binds)),
        _ => scalar(column, kind, binds),
    }
}

fn least(table: &str, column: &str, collation: &str) -> String {
    format!("(SELECT MIN(x.{column}{collation}) FROM {table} x WHERE x.task = t.id)")
}

/// A task's data as `json`. PostgreSQL has no place for `\u0000`, not even as an escape.
pub(crate) fn postgres_json(data: &str) -> String {
    format!(
        r"(CASE WHEN strpos({data}, '\u0000') > 0 THEN regexp_replace({data}, '(?<!\\)((?:\\\\)*)\\u0000', '\1', 'g') ELSE {data} END)::json"
    )
}

/// A field of the data as text: strings as they are, all else as its JSON; null where it is missing or null.
fn text(key: &str, binds: &mut Binds) -> String {
    match binds.dialect {
        Dialect::Sqlite => {
            // Quoted, the key is one step of the path, whatever it holds.
            let path = binds.add(format!("$.{}", serde_json::Value::from(key)));
            format!(
                "(CASE json_type(t.data, {path}) WHEN 'text' THEN json_extract(t.data, {path}) WHEN 'null' THEN NULL \
                 ELSE t.data -> {path} END)"
            )
        }
        Dialect::Postgres => format!("({} ->> {})", postgres_json("t.data"), binds.add(key)),
    }
}

/// A field of the data as a number, where it is one or a text that spells one; of at most 100 characters and below 1e100.
fn number(key: &str, binds: &mut Binds) -> String {
    let text = text(key, binds);
    match binds.dialect {
        // A CASE, as the parts of an AND may be worked out in any order.
        Dialect::Sqlite => format!(
            "(SELECT CASE WHEN length(v.s) > 100 OR v.s NOT GLOB '[-0-9]*' OR v.s NOT GLOB '*[0-9]' \
             OR v.s GLOB '*[eE]*[0-9][0-9][0-9]' THEN NULL WHEN json_valid(v.s) THEN \
             CASE WHEN json_type(v.s) IN ('integer', 'real') THEN CAST(v.s AS REAL) END END FROM (SELECT trim({text}) AS s) v)"
        ),
        Dialect::Postgres => format!(
            r"(SELECT CASE WHEN length(v.s) <= 100 AND v.s ~ '^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{{1,2}})?$' THEN v.s::float8 END FROM (SELECT btrim({text}) AS s OFFSET 0) v)"
        ),
    }
}
