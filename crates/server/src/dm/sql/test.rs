//! One test as SQL.

use super::value::{as_text, results_table, scalar};
use super::{Binds, Dialect, text};
use crate::dm::{Check, Column, Kind, Scalar, Test};

const NEVER: &str = "1 = 0";

/// True, or else false or null; negated: true or false.
pub(super) fn sql(test: &Test, binds: &mut Binds) -> String {
    let positive = positive(test, binds);
    match (test.negated, test.column.is_nullable()) {
        (false, _) => positive,
        (true, false) => format!("NOT ({positive})"),
        (true, true) => format!("NOT COALESCE({positive}, FALSE)"),
    }
}

fn positive(test: &Test, binds: &mut Binds) -> String {
    match &test.check {
        Check::Task(ids) => format!("t.id IN {}", binds.ids(ids)),
        Check::Empty => empty(&test.column, binds),
        // Resolved before; see `Wanted::resolve`.
        Check::Regex(_) => NEVER.into(),
        Check::HasAny(ids) => has_any(&test.column, ids, binds),
        check => match test.kind {
            Kind::Texts | Kind::Results => among_many(&test.column, check, binds),
            Kind::Boolean => boolean(test, check, binds),
            Kind::Integer | Kind::Number | Kind::Moment | Kind::Text | Kind::Ids => {
                one_value(test, check, binds)
            }
        },
    }
}

fn empty(column: &Column, binds: &mut Binds) -> String {
    match column {
        Column::TotalAnnotations => "t.total_annotations = 0".into(),
        Column::CancelledAnnotations => "t.cancelled_annotations = 0".into(),
        Column::TotalPredictions | Column::PredictionsModelVersions | Column::PredictionsResults => {
            "t.total_predictions = 0".into()
        }
        Column::AnnotationsIds | Column::AnnotationsResults => {
            "(t.total_annotations = 0 AND t.cancelled_annotations = 0)".into()
        }
        Column::Annotators => {
            "NOT EXISTS (SELECT 1 FROM annotations a WHERE a.task = t.id AND a.completed_by IS NOT NULL)"
                .into()
        }
        Column::CompletedAt | Column::PredictionsScore | Column::AvgLeadTime | Column::UpdatedBy => {
            format!("{} IS NULL", scalar(column, column.kind(), binds))
        }
        Column::FileUpload => "t.file_upload IS NULL".into(),
        Column::StorageFilename | Column::Data(_) => {
            format!("COALESCE({}, '') = ''", as_text(column, Kind::Text, binds))
        }
        Column::Id
        | Column::InnerId
        | Column::CreatedAt
        | Column::UpdatedAt
        | Column::DraftExists
        | Column::IsLabeled
        | Column::Overlap => NEVER.into(),
    }
}

fn has_any(column: &Column, ids: &[i64], binds: &mut Binds) -> String {
    let list = binds.ids(ids);
    match column {
        Column::UpdatedBy => format!("t.updated_by IN {list}"),
        Column::AnnotationsIds => format!("t.id IN (SELECT a.task FROM annotations a WHERE a.id IN {list})"),
        _ => {
            format!("EXISTS (SELECT 1 FROM annotations a WHERE a.task = t.id AND a.completed_by IN {list})")
        }
    }
}

/// Versions and results: one of a task's is enough.
fn among_many(column: &Column, check: &Check, binds: &mut Binds) -> String {
    let (table, name) = match column {
        Column::PredictionsModelVersions => ("predictions", "x.model_version"),
        other => (results_table(other), "x.result"),
    };
    let inner = match check {
        Check::ContainsAny(needles) => any(needles, |needle| text::contains_exactly(name, needle, binds)),
        Check::OneOf(values) => {
            let texts: Vec<&str> = values.iter().filter_map(Scalar::as_text).collect();
            format!("{name} IN {}", binds.texts(&texts))
        }
        Check::Equal(Scalar::Text(value)) => format!("{name} = {}", binds.add(value.as_str())),
        _ => return NEVER.into(),
    };
    format!("EXISTS (SELECT 1 FROM {table} x WHERE x.task = t.id AND {inner})")
}

fn any(needles: &[String], mut sql: impl FnMut(&str) -> String) -> String {
    if needles.is_empty() {
        return NEVER.into();
    }
    format!("({})", needles.iter().map(|needle| sql(needle)).collect::<Vec<_>>().join(" OR "))
}

fn boolean(test: &Test, check: &Check, binds: &mut Binds) -> String {
    let Check::Equal(Scalar::Boolean(yes)) = check else { return NEVER.into() };
    let value = scalar(&test.column, test.kind, binds);
    match (&test.column, yes) {
        (Column::Data(_), yes) => format!("{value} = '{yes}'"),
        (Column::IsLabeled, true) => format!("{value} = TRUE"),
        (Column::IsLabeled, false) => format!("{value} = FALSE"),
        (_, true) => value,
        (_, false) => format!("NOT {value}"),
    }
}

fn one_value(test: &Test, check: &Check, binds: &mut Binds) -> String {
    match check {
        Check::Contains(needle) => {
            let value = as_text(&test.column, test.kind, binds);
            return text::contains(&value, needle, binds);
        }
        Check::ContainsAny(needles) => {
            let value = as_text(&test.column, test.kind, binds);
            return any(needles, |needle| text::contains(&value, needle, binds));
        }
        _ => {}
    }
    let value = scalar(&test.column, test.kind, binds);
    let mut compare = |operator: Comparison, with: &Scalar| comparison(test, &value, operator, with, binds);
    match check {
        Check::Equal(with) => compare(Comparison::Equal, with),
        Check::Less(with) => compare(Comparison::Less, with),
        Check::AtMost(with) => compare(Comparison::AtMost, with),
        Check::Greater(with) => compare(Comparison::Greater, with),
        Check::AtLeast(with) => compare(Comparison::AtLeast, with),
        Check::Between(min, max) => {
            let ends = [(Comparison::AtLeast, min), (Comparison::AtMost, max)];
            let ends = ends.into_iter().filter_map(|(c, end)| Some(compare(c, end.as_ref()?)));
            format!("({})", ends.collect::<Vec<_>>().join(" AND "))
        }
        Check::OneOf(values) => one_of(test.kind, &value, values, binds),
        _ => NEVER.into(),
    }
}

#[derive(Clone, Copy)]
enum Comparison {
    Equal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Comparison {
    fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }

    /// The same comparison with a whole number, so that an index of whole numbers serves; nothing where it never holds.
    fn with_integer(self, number: f64) -> Option<(&'static str, i64)> {
        let whole = number.fract() == 0.0;
        match self {
            Self::Equal => whole.then_some(("=", number as i64)),
            Self::Less => Some(("<", number.ceil() as i64)),
            Self::AtMost => Some(("<=", number.floor() as i64)),
            Self::Greater => Some((">", number.floor() as i64)),
            Self::AtLeast => Some((">=", number.ceil() as i64)),
        }
    }
}

impl Scalar {
    fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

fn comparison(test: &Test, value: &str, operator: Comparison, with: &Scalar, binds: &mut Binds) -> String {
    match (test.kind, with) {
        (Kind::Integer, Scalar::Number(number)) => match operator.with_integer(*number) {
            Some((sign, number)) => format!("{value} {sign} {}", binds.add(number)),
            None => NEVER.into(),
        },
        (_, Scalar::Number(number)) => format!("{value} {} {}", operator.sign(), binds.add(*number)),
        (kind, Scalar::Text(text)) => {
            format!(
                "{value} {} {}{}",
                operator.sign(),
                binds.add(text.as_str()),
                by_code_point(kind, binds.dialect)
            )
        }
        (_, Scalar::Boolean(_)) => NEVER.into(),
    }
}

/// PostgreSQL compares text by its locale unless told otherwise. Moments are alike in every locale, and their indexes are
/// of the default one.
pub(super) fn by_code_point(kind: Kind, dialect: Dialect) -> &'static str {
    if dialect == Dialect::Postgres && kind != Kind::Moment { " COLLATE \"C\"" } else { "" }
}

fn one_of(kind: Kind, value: &str, values: &[Scalar], binds: &mut Binds) -> String {
    let numbers = values.iter().filter_map(Scalar::as_number);
    let list = match kind {
        Kind::Integer => {
            let whole: Vec<i64> = numbers.filter(|n| n.fract() == 0.0).map(|n| n as i64).collect();
            binds.ids(&whole)
        }
        Kind::Number => binds.numbers(&numbers.collect::<Vec<_>>()),
        _ => binds.texts(&values.iter().filter_map(Scalar::as_text).collect::<Vec<_>>()),
    };
    format!("{value} IN {list}")
}
