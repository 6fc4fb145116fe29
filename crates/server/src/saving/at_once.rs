//! A batch of plain submits in one statement of PostgreSQL: one way there and back, and its own transaction, whose commit
//! does not wait for the disk ([`super::flush`] does).
//!
//! It stores what needs no second look: a new annotation of the author's own, without a draft, of a project without export
//! storages and an organization without webhooks for it. Of everything else, and of whatever it could not be sure of, it stores nothing; [`super::batch`] decides those.
//!
//! A statement sees the database as it was at its beginning, so what others commit while it waits for a task's row would
//! not be counted. Everybody who changes a task's annotations changes its row, too: a row whose version (`xmin`) is another
//! one once it is locked has been changed since, and is left alone. The project's rules are asked for when all rows are
//! locked (`tagloom_settings`): whoever changes them locks all tasks and counts again.

use super::submit::Submit;
use crate::db::Db;
use crate::events::{self, Action};
use crate::store::annotations::{self, Annotation};
use crate::store::{recount, tally};
use crate::time;
use sea_orm::sea_query::ArrayType;
use sea_orm::{DbErr, Value as Sql};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Whether nothing but its task, its author and its key is to be asked for.
fn is_plain(submit: &Submit) -> bool {
    submit.draft.is_none()
        && submit.unique_id.is_none()
        && submit.completed_by.is_none()
        && submit.parent_prediction.is_none()
        && submit.parent_annotation.is_none()
        && !submit.ground_truth
}

/// One answer for each submit, in their order: its annotation, or nothing where it was not stored.
pub(super) async fn store(db: &Db, submits: &[Submit]) -> Result<Vec<Option<Annotation>>, DbErr> {
    let mut answers = vec![None; submits.len()];
    let Some(saver) = db.saver() else { return Ok(answers) };
    let told = events::organizations_that_want(db, Action::AnnotationCreated).await?;
    let plain: Vec<(usize, &Submit, String)> = submits
        .iter()
        .enumerate()
        .filter(|(_, submit)| is_plain(submit) && !told.contains(&submit.author.organization))
        .map(|(n, submit)| (n, submit, annotations::new_unique_id()))
        .collect();
    if plain.is_empty() {
        return Ok(answers);
    }
    let now = time::now();
    // One array for each column, so that one statement with one plan serves batches of every size. Arrays have no NULL
    // here: an empty key and a time that is no number mean none.
    let column =
        |of: &dyn Fn(&Submit) -> Sql| plain.iter().map(|(_, submit, _)| of(submit)).collect::<Vec<_>>();
    let list = |kind: ArrayType, values: Vec<Sql>| Sql::Array(kind, Some(Box::new(values)));
    let values = vec![
        now.clone().into(),
        list(ArrayType::BigInt, column(&|s| s.task.into())),
        list(ArrayType::BigInt, column(&|s| s.author.id.into())),
        list(ArrayType::BigInt, column(&|s| s.author.organization.into())),
        list(ArrayType::String, column(&|s| s.key.clone().unwrap_or_default().into())),
        list(ArrayType::String, column(&|s| s.target().into())),
        list(ArrayType::String, column(&|s| s.result.to_string().into())),
        list(ArrayType::BigInt, column(&|s| annotations::result_count(&s.result).into())),
        list(ArrayType::Bool, column(&|s| s.was_cancelled.into())),
        list(ArrayType::Double, column(&|s| s.lead_time.unwrap_or(f64::NAN).into())),
        list(ArrayType::String, plain.iter().map(|(_, _, id)| id.clone().into()).collect()),
    ];
    let mut stored: HashMap<String, (i64, i64)> = HashMap::with_capacity(plain.len());
    for row in saver.lock().await.all(&STATEMENT, values).await? {
        stored.insert(row.try_get("", "unique_id")?, (row.try_get("", "id")?, row.try_get("", "project")?));
    }
    let mut project = None;
    for (n, submit, unique_id) in plain {
        let Some(&(id, of)) = stored.get(&unique_id) else { continue };
        project = Some(of);
        answers[n] = Some(Annotation {
            id,
            task: submit.task,
            project: of,
            completed_by: Some(submit.author.id),
            updated_by: Some(submit.author.id),
            result_count: annotations::result_count(&submit.result),
            result: submit.result.clone(),
            was_cancelled: submit.was_cancelled,
            ground_truth: false,
            lead_time: submit.lead_time,
            unique_id: Some(unique_id),
            import_id: None,
            parent_prediction: None,
            parent_annotation: None,
            last_action: None,
            draft_created_at: None,
            created_at: now.clone(),
            updated_at: now.clone(),
            created_username: submit.author.shown.clone(),
        });
    }
    if let Some(project) = project {
        tally::fold_later(db, project);
    }
    Ok(answers)
}

static STATEMENT: LazyLock<String> = LazyLock::new(|| {
    let now = "$1";
    format!(
        "WITH v AS MATERIALIZED (SELECT task, author, organization, NULLIF(idempotency_key, '') AS idempotency_key, target, \
         result, result_count, was_cancelled, NULLIF(lead_time, 'NaN') AS lead_time, unique_id \
         FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::bigint[], \
         $9::boolean[], $10::double precision[], $11::text[]) AS u (task, author, organization, idempotency_key, target, \
         result, result_count, was_cancelled, lead_time, unique_id)), \
         seen AS MATERIALIZED (SELECT t.id, t.project, t.xmin AS version FROM v JOIN tasks t ON t.id = v.task), \
         held AS MATERIALIZED (SELECT t.id, t.project FROM seen s JOIN tasks t ON t.id = s.id AND t.xmin = s.version \
         ORDER BY t.id FOR UPDATE OF t), \
         rules AS MATERIALIZED (SELECT p.id, p.organization, {counts_skipped} AS counts_skipped \
         FROM (SELECT project FROM held GROUP BY project) g JOIN projects p ON p.id = g.project \
         CROSS JOIN LATERAL (SELECT tagloom_settings(g.project) AS now OFFSET 0) s \
         WHERE NOT EXISTS (SELECT 1 FROM storages e WHERE e.project = p.id AND e.purpose = 'export')), \
         fresh AS MATERIALIZED (SELECT v.*, h.project, r.counts_skipped FROM v JOIN held h ON h.id = v.task \
         JOIN rules r ON r.id = h.project AND r.organization = v.organization WHERE NOT EXISTS \
         (SELECT 1 FROM idempotency_keys k WHERE k.user_id = v.author AND k.idempotency_key = v.idempotency_key)), \
         made AS (INSERT INTO annotations (task, project, completed_by, updated_by, result, result_count, was_cancelled, \
         ground_truth, lead_time, unique_id, created_at, updated_at) SELECT task, project, author, author, result, \
         result_count, was_cancelled, FALSE, lead_time, unique_id, {now}, {now} FROM fresh RETURNING id, unique_id, project), \
         keys AS (INSERT INTO idempotency_keys (user_id, idempotency_key, status, body, target, object, created_at) \
         SELECT f.author, f.idempotency_key, 0, '', f.target, m.id, {now} FROM fresh f JOIN made m USING (unique_id) \
         WHERE f.idempotency_key IS NOT NULL), \
         left_places AS (DELETE FROM locks l USING fresh f WHERE l.task = f.task AND l.user_id = f.author), \
         stream AS (UPDATE stream_history SET annotation = m.id FROM fresh f JOIN made m USING (unique_id) \
         WHERE stream_history.project = f.project AND stream_history.user_id = f.author AND stream_history.task = f.task), \
         counted AS ({counted}), tallied AS ({tallied}) \
         SELECT m.id, m.unique_id, m.project, set_config('synchronous_commit', 'off', TRUE) FROM made m",
        counts_skipped = recount::counts_skipped("s.now"),
        counted = recount::with_fresh(now),
        tallied = tally::of_fresh(),
    )
});
