//! The label stream: whose turn it is at which task (spec/server.md 4.4, 4.5), for any number of server processes on one
//! database.
//!
//! Candidates are read without any lock; then one of them is *claimed*: its row is locked, and the person's place in it is
//! inserted only if what others have done and hold still leaves room. So a task with overlap n never has more than n people
//! by way of the stream, whoever asks at the same moment and wherever. A row that somebody else holds is passed over, as
//! the next candidate is as good; only where none is left do we wait for those.

use crate::db::{self, Db};
use crate::store::projects::Project;
use crate::store::tasks::Shown;
use crate::time;
use rand::Rng;
use rand::seq::SliceRandom;
use sea_orm::{ConnectionTrait, DbErr, Value as Sql};
use serde_json::Value;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Candidates of a first look, and of one after others have taken all of those.
const FEW: i64 = 8;
const LOOK: i64 = 50;
/// Looks at a queue whose candidates were all taken before we could claim one.
const LOOKS: usize = 40;
/// Claims of whatever is first, before candidates are looked at.
const TRIES: usize = 4;

/// Who asks for what.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    pub project: &'a Project,
    pub user: i64,
    pub lock_seconds: i64,
    /// Only tasks that the data manager shows.
    pub narrow: Option<&'a Narrow>,
}

/// A condition over `tasks t` with its values, and an order; see `crate::dm`.
#[derive(Clone, Debug)]
pub struct Narrow {
    /// Its first placeholder is [`Narrow::FIRST`].
    pub condition: String,
    pub values: Vec<Sql>,
    pub order: String,
}

impl Narrow {
    pub const FIRST: usize = 4;
}

/// A person's place in a task.
#[derive(Clone, Debug)]
pub struct Place {
    pub task: i64,
    pub lock: String,
    /// Where the task came from.
    pub queue: &'static str,
    /// The task itself, where the claim has brought it along.
    pub shown: Option<Box<Shown>>,
}

/// Orders of all open tasks. On PostgreSQL only the indexes that hold nothing but open tasks have them
/// (`m0102_fewer_indexes.rs`): any other one would have to walk over all that is done already, which no statistics tell.
struct Orders {
    id: &'static str,
    people: &'static str,
    score: &'static str,
}

impl Orders {
    fn of(conn: &impl ConnectionTrait) -> Self {
        if db::is_postgres(conn) {
            Self {
                id: "(t.id + 0)",
                people: "t.people, (t.id + 0)",
                score: "(t.predictions_score + 0), (t.id + 0)",
            }
        } else {
            Self { id: "t.id", people: "t.people, t.id", score: "t.predictions_score, t.id" }
        }
    }
}

/// What came of a claim.
enum Claim {
    /// As in [`Place`].
    Made {
        task: i64,
        lock: String,
        shown: Option<Box<Shown>>,
    },
    /// Somebody was faster.
    Lost,
    Nothing,
}

/// Whether the person may have been there before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Never,
    Postponed,
    Skipped,
}

impl Before {
    /// `OFFSET 0` keeps PostgreSQL from turning the questions into a join with all that the person has done.
    fn condition(self) -> &'static str {
        match self {
            Self::Never => {
                "NOT EXISTS (SELECT 1 FROM annotations m WHERE m.task = t.id AND m.completed_by = $2 LIMIT 1 OFFSET 0) \
                 AND NOT EXISTS (SELECT 1 FROM drafts d WHERE d.task = t.id AND d.user_id = $2 AND d.was_postponed \
                 LIMIT 1 OFFSET 0)"
            }
            Self::Postponed => {
                "NOT EXISTS (SELECT 1 FROM annotations m WHERE m.task = t.id AND m.completed_by = $2 LIMIT 1 OFFSET 0)"
            }
            Self::Skipped => {
                "NOT EXISTS (SELECT 1 FROM annotations m WHERE m.task = t.id AND m.completed_by = $2 \
                 AND m.was_cancelled = FALSE LIMIT 1 OFFSET 0)"
            }
        }
    }
}

/// Candidates of one queue: `FROM …` with a condition, and an order. Where a queue is a table of its own, `CROSS JOIN` keeps
/// SQLite from walking through all tasks instead.
struct Queue<'a> {
    name: &'static str,
    from: &'a str,
    condition: String,
    order: &'a str,
    before: Before,
    /// Worth a claim without a look at it first.
    usually_holds: bool,
}

const SEQUENCE: &str = "Sequence queue";
const RENEWED: &str =
    "ON CONFLICT (task, user_id) DO UPDATE SET expire_at = excluded.expire_at RETURNING unique_id, task";
const SEEN: &str = "ON CONFLICT (project, user_id, task) DO NOTHING";

impl Ask<'_> {
    fn setting(&self, key: &str) -> bool {
        self.project.setting(key) == Value::Bool(true)
    }

    /// Whether all tasks are simply taken one after the other, each by one person.
    fn is_plain_sequence(&self) -> bool {
        self.project.maximum_annotations <= 1
            && !self.setting("annotator_evaluation_enabled")
            && !self.setting("show_overlap_first")
            && !matches!(
                self.project.setting_str("sampling").as_str(),
                "Uniform sampling" | "Uncertainty sampling"
            )
    }

    /// A task `t` that still takes this person: `$1` is the project, `$2` the person, `$3` now.
    fn open(&self, before: Before) -> String {
        // Annotations that fill a place, by the project's skip mode; `tagloom_others` counts the same.
        let counted = match self.project.setting_str("skip_queue").as_str() {
            "REQUEUE_FOR_ME" => "(a.was_cancelled = FALSE OR a.completed_by <> $2)",
            "IGNORE_SKIPPED" => "1 = 1",
            _ => "(a.was_cancelled = FALSE OR a.completed_by = $2)",
        };
        format!(
            "t.project = $1 AND t.is_labeled = FALSE AND {} AND (SELECT COUNT(*) FROM \
             (SELECT COALESCE(a.completed_by, 0) FROM annotations a WHERE a.task = t.id AND a.ground_truth = FALSE AND {counted} \
             UNION SELECT l.user_id FROM locks l WHERE l.task = t.id AND l.user_id <> $2 AND l.expire_at > $3) others) < t.overlap",
            before.condition()
        )
    }

    fn values(&self) -> Vec<Sql> {
        let mut values: Vec<Sql> = vec![self.project.id.into(), self.user.into(), time::now().into()];
        values.extend(self.narrow.iter().flat_map(|n| n.values.iter().cloned()));
        values
    }

    fn narrowed(&self) -> String {
        self.narrow.map_or(String::new(), |n| format!(" AND ({})", n.condition))
    }

    /// `FROM` of the tasks in a queue that take this person.
    fn members(&self, queue: &Queue<'_>) -> String {
        format!("{} WHERE {}{}{}", queue.from, self.open(queue.before), queue.condition, self.narrowed())
    }

    async fn candidates(
        &self,
        conn: &impl ConnectionTrait,
        queue: &Queue<'_>,
        most: i64,
    ) -> Result<Vec<i64>, DbErr> {
        let sql = format!("SELECT t.id FROM {} ORDER BY {} LIMIT {most}", self.members(queue), queue.order);
        let rows = db::all(conn, &sql, self.values()).await?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect()
    }

    /// Takes the person's place in a task, or renews it; nothing where it is no longer free. A task whose row somebody
    /// holds at this moment is passed over, or waited for.
    async fn claim(&self, db: &Db, task: i64, queue: &Queue<'_>, wait: bool) -> Result<Option<Place>, DbErr> {
        let mut values = self.values();
        values.push(task.into());
        let which = format!("FROM tasks t WHERE {} AND t.id = ${}", self.open(queue.before), values.len());
        let passed = if wait { "" } else { "SKIP LOCKED" };
        Ok(match self.claim_first(db, &which, values, passed).await? {
            Claim::Made { task, lock, shown } => {
                // Who waited for the row has the task as it was before: whoever held it may have changed it.
                Some(Place { task, lock, queue: queue.name, shown: shown.filter(|_| !wait) })
            }
            Claim::Lost | Claim::Nothing => None,
        })
    }

    /// Claims the first task `t` that `which` gives.
    async fn claim_first(
        &self,
        db: &Db,
        which: &str,
        values: Vec<Sql>,
        passed: &str,
    ) -> Result<Claim, DbErr> {
        if db::is_postgres(db.read()) {
            self.claim_at_once(db, which, values, passed).await
        } else {
            self.claim_alone(db, which, values).await
        }
    }

    /// In one statement of PostgreSQL, which brings the task along. Whoever has come since the statement began is found by
    /// `tagloom_others` once the row is locked.
    async fn claim_at_once(
        &self,
        db: &Db,
        which: &str,
        mut values: Vec<Sql>,
        passed: &str,
    ) -> Result<Claim, DbErr> {
        let first = values.len() + 1;
        values.extend([
            uuid::Uuid::new_v4().to_string().into(),
            time::in_seconds(self.lock_seconds).into(),
            self.project.setting_str("skip_queue").into(),
        ]);
        // A place that a crash of the database takes is asked for again: its commit need not wait for the disk.
        let sql = format!(
            "WITH free AS MATERIALIZED (SELECT t.id, t.overlap, set_config('synchronous_commit', 'off', TRUE) \
             {which} LIMIT 1 FOR UPDATE OF t {passed}), \
             place AS (INSERT INTO locks (task, user_id, unique_id, expire_at, created_at) \
             SELECT f.id, $2, ${first}, ${}, $3 FROM free f WHERE tagloom_others(f.id, $2, $3, ${}) < f.overlap \
             {RENEWED}), \
             seen AS (INSERT INTO stream_history (project, user_id, task) SELECT $1, $2, p.task FROM place p {SEEN}) \
             SELECT p.unique_id, {} FROM free o LEFT JOIN place p ON p.task = o.id LEFT JOIN ({}) ON t.id = p.task",
            first + 1,
            first + 2,
            Shown::fields("$2"),
            Shown::TABLES,
        );
        // What the data manager shows is no matter of keys: its plan depends on the values.
        let conn = if self.narrow.is_some() { db.read() } else { db.stream() };
        let Some(row) = db::one(conn, &sql, values).await? else { return Ok(Claim::Nothing) };
        let Some(lock) = row.try_get("", "unique_id")? else { return Ok(Claim::Lost) };
        let shown = Box::new(Shown::from_row(&row)?);
        Ok(Claim::Made { task: shown.task.id, lock, shown: Some(shown) })
    }

    /// As the one writer of SQLite: nobody comes in between.
    async fn claim_alone(&self, db: &Db, which: &str, mut values: Vec<Sql>) -> Result<Claim, DbErr> {
        let first = values.len() + 1;
        values.extend([uuid::Uuid::new_v4().to_string().into(), time::in_seconds(self.lock_seconds).into()]);
        let sql = format!(
            "INSERT INTO locks (task, user_id, unique_id, expire_at, created_at) SELECT t.id, $2, ${first}, ${}, $3 \
             {which} LIMIT 1 {RENEWED}",
            first + 1
        );
        let tx = db.write_rows().await?;
        let Some(row) = db::one(&*tx, &sql, values).await? else { return Ok(Claim::Nothing) };
        let task: i64 = row.try_get("", "task")?;
        let sql = format!("INSERT INTO stream_history (project, user_id, task) VALUES ($1, $2, $3) {SEEN}");
        db::run(&*tx, &sql, vec![self.project.id.into(), self.user.into(), task.into()]).await?;
        tx.commit().await?;
        Ok(Claim::Made { task, lock: row.try_get("", "unique_id")?, shown: None })
    }

    /// The first of a queue, claimed as it is found; nothing also where others were faster time and again.
    async fn first_at_once(&self, db: &Db, queue: &Queue<'_>) -> Result<Option<Place>, DbErr> {
        let which = format!("FROM {} ORDER BY {}", self.members(queue), queue.order);
        for _ in 0..TRIES {
            match self.claim_first(db, &which, self.values(), "SKIP LOCKED").await? {
                Claim::Made { task, lock, shown } => {
                    return Ok(Some(Place { task, lock, queue: queue.name, shown }));
                }
                // Another look sees who it was.
                Claim::Lost => {}
                Claim::Nothing => break,
            }
        }
        Ok(None)
    }

    /// The first of a queue that can be claimed.
    async fn first(&self, db: &Db, queue: &Queue<'_>, shuffled: bool) -> Result<Option<Place>, DbErr> {
        if !shuffled
            && queue.usually_holds
            && db::is_postgres(db.read())
            && let Some(place) = self.first_at_once(db, queue).await?
        {
            return Ok(Some(place));
        }
        for look in 0..LOOKS {
            // Who chooses among them by chance wants many, so that those who ask at once choose differently.
            let most = if look == 0 && !shuffled { FEW } else { LOOK };
            let mut candidates = self.candidates(db.read(), queue, most).await?;
            if candidates.is_empty() {
                break;
            }
            if shuffled {
                candidates.shuffle(&mut rand::rng());
            }
            for task in candidates {
                if let Some(place) = self.claim(db, task, queue, look > 0).await? {
                    return Ok(Some(place));
                }
            }
        }
        Ok(None)
    }
}

/// The next task of a person, locked for them; nothing where there is none now.
pub async fn next(db: &Db, sweep: &Sweep, ask: &Ask<'_>) -> Result<Option<Place>, DbErr> {
    if sweep.is_due() {
        forget_expired(db).await?;
    }
    if let Some(narrow) = ask.narrow {
        let queue = Queue {
            name: "Data manager queue",
            from: "tasks t",
            condition: String::new(),
            order: &narrow.order,
            before: Before::Never,
            usually_holds: true,
        };
        return ask.first(db, &queue, false).await;
    }
    if ask.is_plain_sequence() {
        // Most of those who ask hold nothing: they need no look at what they hold.
        let holds_nothing = " AND t.people = 0 AND NOT EXISTS (SELECT 1 FROM locks h CROSS JOIN tasks o WHERE o.id = h.task \
             AND h.user_id = $2 AND h.expire_at > $3 AND o.project = $1)";
        // All who write wait for a claim of SQLite: whoever skipped thousands of tasks finds others by candidates.
        let not_far = if db::is_postgres(db.read()) {
            String::new()
        } else {
            format!(
                " AND t.id <= COALESCE((SELECT o.id FROM tasks o WHERE o.project = $1 AND o.is_labeled = FALSE AND o.people = 0 \
                 ORDER BY o.id LIMIT 1 OFFSET {LOOK}), {})",
                i64::MAX
            )
        };
        let queue = Queue {
            name: SEQUENCE,
            from: "tasks t",
            condition: format!("{holds_nothing}{not_far}"),
            order: Orders::of(db.read()).id,
            before: Before::Never,
            usually_holds: true,
        };
        if let Some(place) = ask.first_at_once(db, &queue).await? {
            return Ok(Some(place));
        }
    }
    let held = Queue {
        name: "Task lock",
        from: "locks h CROSS JOIN tasks t",
        condition: " AND t.id = h.task AND h.user_id = $2 AND h.expire_at > $3".into(),
        order: "h.task",
        before: Before::Never,
        usually_holds: false,
    };
    if let Some(place) = ask.first(db, &held, false).await? {
        return Ok(Some(place));
    }
    let cohorts: &[&str] =
        if ask.setting("show_overlap_first") { &[" AND t.overlap > 1", " AND t.overlap = 1"] } else { &[""] };
    for cohort in cohorts {
        if let Some(place) = fresh(db, ask, cohort).await? {
            return Ok(Some(place));
        }
    }
    let postponed = Queue {
        name: "Postponed draft queue",
        from: "drafts o CROSS JOIN tasks t",
        condition: " AND t.id = o.task AND o.user_id = $2 AND o.was_postponed".into(),
        order: "o.updated_at, t.id",
        before: Before::Postponed,
        usually_holds: false,
    };
    if let Some(place) = ask.first(db, &postponed, false).await? {
        return Ok(Some(place));
    }
    if ask.project.setting_str("skip_queue") == "REQUEUE_FOR_ME" {
        let skipped = Queue {
            name: "Skipped queue",
            from: "annotations s CROSS JOIN tasks t",
            condition: " AND t.id = s.task AND s.project = $1 AND s.completed_by = $2 AND s.was_cancelled"
                .into(),
            order: "s.updated_at, t.id",
            before: Before::Skipped,
            usually_holds: false,
        };
        return ask.first(db, &skipped, false).await;
    }
    Ok(None)
}

/// Tasks that the person has never seen, by the project's ways.
async fn fresh(db: &Db, ask: &Ask<'_>, cohort: &str) -> Result<Option<Place>, DbErr> {
    let queue = |name, condition: String, order| Queue {
        name,
        from: "tasks t",
        condition: format!("{cohort}{condition}"),
        order,
        before: Before::Never,
        usually_holds: true,
    };
    let by = Orders::of(db.read());
    if ask.setting("annotator_evaluation_enabled") {
        let truth = " AND t.id IN (SELECT g.task FROM annotations g WHERE g.project = $1 AND g.ground_truth)";
        let onboarding = queue("Onboarding ground truth queue", truth.into(), by.id);
        if let Some(place) = ask.first(db, &onboarding, false).await? {
            return Ok(Some(place));
        }
    }
    if ask.project.maximum_annotations > 1 {
        // Finish what others have begun before opening new tasks. Which of the last ones is left to chance, so that many
        // who ask at once do not all try the same.
        for people in (1..ask.project.maximum_annotations).rev() {
            let begun = queue("Breadth first queue", format!(" AND t.people = {people}"), by.id);
            if let Some(place) = ask.first(db, &begun, true).await? {
                return Ok(Some(place));
            }
        }
    }
    match ask.project.setting_str("sampling").as_str() {
        "Uniform sampling" => uniform(db, ask, cohort, "Uniform random queue").await,
        "Uncertainty sampling" => {
            const NAME: &str = "Active learning or random queue";
            let scored = queue(NAME, " AND t.predictions_score IS NOT NULL".into(), by.score);
            match ask.first(db, &scored, false).await? {
                Some(place) => Ok(Some(place)),
                None => uniform(db, ask, cohort, NAME).await,
            }
        }
        _ => match ask.first(db, &queue(SEQUENCE, " AND t.people = 0".into(), by.id), false).await? {
            Some(place) => Ok(Some(place)),
            None => ask.first(db, &queue(SEQUENCE, " AND t.people > 0".into(), by.people), false).await,
        },
    }
}

/// Any task, each as likely as the others: where there are many, from behind a random id.
async fn uniform(db: &Db, ask: &Ask<'_>, cohort: &str, name: &'static str) -> Result<Option<Place>, DbErr> {
    let id = Orders::of(db.read()).id;
    let queue = |condition: &str| Queue {
        name,
        from: "tasks t",
        condition: format!("{cohort}{condition}"),
        order: id,
        before: Before::Never,
        usually_holds: false,
    };
    let front = queue(" AND t.people = 0");
    if ask.candidates(db.read(), &front, LOOK).await?.len() as i64 == LOOK {
        let end = |side: &str| {
            format!(
                "SELECT t.id FROM tasks t WHERE t.project = $1 AND t.is_labeled = FALSE AND t.people = 0 ORDER BY {id} {side} LIMIT 1"
            )
        };
        let low = db::count(db.read(), &end(""), vec![ask.project.id.into()]).await?;
        let high = db::count(db.read(), &end("DESC"), vec![ask.project.id.into()]).await?;
        let somewhere = rand::rng().random_range(low..=high.max(low));
        let behind = queue(&format!(" AND t.people = 0 AND {id} >= {somewhere}"));
        if let Some(place) = ask.first(db, &behind, true).await? {
            return Ok(Some(place));
        }
    }
    match ask.first(db, &front, true).await? {
        Some(place) => Ok(Some(place)),
        None => ask.first(db, &queue(" AND t.people > 0"), true).await,
    }
}

/// When this process last removed locks whose time is over.
#[derive(Debug, Default)]
pub struct Sweep(Mutex<Option<Instant>>);

impl Sweep {
    const EVERY: Duration = Duration::from_secs(1);

    fn is_due(&self) -> bool {
        let Ok(mut last) = self.0.lock() else { return false };
        let due = last.is_none_or(|at| at.elapsed() >= Self::EVERY);
        if due {
            *last = Some(Instant::now());
        }
        due
    }
}

/// Locks whose time is over count for nothing; removing them keeps the table small.
async fn forget_expired(db: &Db) -> Result<(), DbErr> {
    let now = time::now();
    let any = "SELECT id FROM locks WHERE expire_at <= $1 LIMIT 1";
    if db::one(db.read(), any, vec![now.clone().into()]).await?.is_none() {
        return Ok(());
    }
    let tx = db.write_rows().await?;
    let skip = if db::is_postgres(&*tx) { "FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "DELETE FROM locks WHERE id IN (SELECT id FROM locks WHERE expire_at <= $1 LIMIT 1000 {skip})"
    );
    db::run(&*tx, &sql, vec![now.into()]).await?;
    tx.commit().await
}
