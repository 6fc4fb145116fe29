//! What is measured, with its budget.

use crate::client::Client;
use crate::server::{PEOPLE, Place, Server, token};
use serde_json::json;
use std::io::Write;
use std::time::{Duration, Instant};

const TASKS: usize = 100_000;
const SAVES: usize = 24_000;
const NEXTS: usize = 4_000;
const CONFIG: &str = r#"<View><Text name="t" value="$text"/><Choices name="c" toName="t"><Choice value="Glad"/><Choice value="Sad"/></Choices></View>"#;

fn measure(label: &str, name: &str, value: f64, unit: &str, budget: Option<f64>) {
    println!(
        "{}",
        json!({"name": format!("{label}: {name}"), "value": value, "unit": unit, "budget": budget})
    );
}

/// Nearest rank, in milliseconds.
fn percentile(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    let rank = (times.len() as f64 * share).ceil() as usize;
    times[rank.clamp(1, times.len()) - 1].as_secs_f64() * 1000.0
}

fn times(label: &str, name: &str, mut times: Vec<Duration>, budget: f64) {
    measure(label, &format!("{name}, p50"), percentile(&mut times, 0.5), "ms", None);
    measure(label, &format!("{name}, p99"), percentile(&mut times, 0.99), "ms", Some(budget));
}

/// A result as an annotator makes it.
fn result(n: usize) -> String {
    let choice = if n.is_multiple_of(2) { "Glad" } else { "Sad" };
    format!(
        r#"{{"result":[{{"id":"r{n}","from_name":"c","to_name":"t","type":"choices","value":{{"choices":["{choice}"]}}}}],"lead_time":{}.5}}"#,
        n % 90
    )
}

/// What the machine's neighbours take of it: a virtual machine has less of its processors than it seems to, and figures of an
/// hour in which they took much say little.
pub struct Neighbours(Vec<f64>);

impl Neighbours {
    pub fn now() -> Self {
        let stat = std::fs::read_to_string("/proc/stat").unwrap_or_default();
        let line = stat.lines().next().unwrap_or_default();
        Self(line.split_whitespace().skip(1).filter_map(|n| n.parse().ok()).collect())
    }

    /// Nothing where the system does not say it.
    pub fn report(&self, label: &str) {
        /// The column of `steal` in proc(5); the two behind it are parts of others.
        const STEAL: usize = 7;
        let since: Vec<f64> = Self::now().0.iter().zip(&self.0).map(|(now, then)| now - then).collect();
        if let Some(stolen) = since.get(STEAL) {
            let all: f64 = since[..=STEAL].iter().sum();
            measure(label, "processor time that others took meanwhile", 100.0 * stolen / all, "%", None);
        }
    }
}

pub fn idle(place: &Place, label: &str) {
    drop(place.start(0));
    let server = place.start(0);
    Client::new(server.port, &token(0)).get("/api/projects/").expect(200);
    std::thread::sleep(Duration::from_secs(3));
    measure(label, "memory of an idle server", server.memory("VmRSS"), "MB", Some(40.0));
}

pub struct Load {
    label: &'static str,
    server: Server,
    root: std::path::PathBuf,
    project: u64,
}

impl Load {
    pub fn start(place: &mut Place, label: &'static str) -> Self {
        place.people();
        let server = place.start(0);
        Self { label, server, root: place.root(), project: 0 }
    }

    fn client(&self, person: usize) -> Client {
        Client::new(self.server.port, &token(person))
    }

    fn project(&self, title: &str) -> u64 {
        let body = json!({"title": title, "label_config": CONFIG}).to_string();
        self.client(0).post("/api/projects/", body.as_bytes()).expect(201).json()["id"].as_u64().unwrap()
    }

    /// 100,000 small tasks as one JSON list.
    pub fn import(&mut self) {
        self.project = self.project("Load");
        let tasks: Vec<_> = (0..TASKS)
            .map(|n| json!({"text": format!("Sentence number {n} of a project that is large enough."), "n": n}))
            .collect();
        let body = serde_json::to_vec(&tasks).unwrap();
        self.server.forget_peak();
        let started = Instant::now();
        let path = format!("/api/projects/{}/import", self.project);
        let answer = self.client(0).post(&path, &body).expect(201).json();
        let seconds = started.elapsed().as_secs_f64();
        assert_eq!(answer["task_count"], TASKS);
        measure(self.label, "import of 100,000 tasks", TASKS as f64 / seconds, "tasks/s", Some(20_000.0));
        measure(self.label, "memory while importing, peak", self.server.memory("VmHWM"), "MB", Some(300.0));
    }

    /// Pages of 100 tasks anywhere in the project.
    pub fn lists(&mut self) {
        let mut client = self.client(0);
        let pages = TASKS / 100;
        for (name, fields) in
            [("task list page of 100", ""), ("task list page of 100 with all fields", "&fields=all")]
        {
            let mut took = Vec::new();
            for n in 0..400 {
                let page = 1 + (n * 7919) % pages;
                let path = format!("/api/tasks/?project={}&page={page}&page_size=100{fields}", self.project);
                let started = Instant::now();
                let answer = client.get(&path).expect(200);
                took.push(started.elapsed());
                if n == 0 {
                    assert_eq!(answer.json()["tasks"].as_array().unwrap().len(), 100);
                }
            }
            times(self.label, name, took, 20.0);
        }
    }

    /// Eight people submit annotations as fast as they can, each task once.
    pub fn save(&mut self) {
        let first = self.first_task();
        let started = Instant::now();
        let (mut took, mut errors) = (Vec::new(), 0);
        std::thread::scope(|scope| {
            let people: Vec<_> = (0..PEOPLE)
                .map(|person| {
                    let mut client = self.client(person);
                    scope.spawn(move || {
                        let (mut took, mut errors) = (Vec::new(), 0);
                        for n in (person..SAVES).step_by(PEOPLE) {
                            let path = format!("/api/tasks/{}/annotations/", first + n as u64);
                            let body = result(n);
                            let more = format!("Idempotency-Key: save-{n}\r\n");
                            let asked = Instant::now();
                            let answer = client.ask("POST", &path, &more, body.as_bytes());
                            took.push(asked.elapsed());
                            errors += usize::from(answer.status != 201);
                        }
                        (took, errors)
                    })
                })
                .collect();
            for person in people {
                let (times, failed) = person.join().unwrap();
                took.extend(times);
                errors += failed;
            }
        });
        let seconds = started.elapsed().as_secs_f64();
        measure(
            self.label,
            "annotations saved by 8 clients",
            SAVES as f64 / seconds,
            "saves/s",
            Some(2000.0),
        );
        measure(self.label, "errors of these", errors as f64, "errors", Some(0.0));
        times(self.label, "one of these saves", took, 100.0);
        let done = self.client(0).get(&format!("/api/projects/{}/", self.project)).expect(200).json();
        assert_eq!(done["total_annotations_number"], SAVES);
    }

    fn first_task(&self) -> u64 {
        let path = format!("/api/tasks/?project={}&page=1&page_size=1", self.project);
        self.client(0).get(&path).expect(200).json()["tasks"][0]["id"].as_u64().unwrap()
    }

    /// Four people work through the stream: next task, submit, next task.
    pub fn next(&mut self) {
        let mut took = Vec::new();
        std::thread::scope(|scope| {
            let people: Vec<_> = (0..4)
                .map(|person| {
                    let mut client = self.client(person);
                    let project = self.project;
                    scope.spawn(move || {
                        let mut took = Vec::new();
                        for n in 0..NEXTS / 4 {
                            let asked = Instant::now();
                            let answer = client.get(&format!("/api/projects/{project}/next/")).expect(200);
                            took.push(asked.elapsed());
                            let task = answer.json()["id"].as_u64().unwrap();
                            let path = format!("/api/tasks/{task}/annotations/");
                            client.post(&path, result(n).as_bytes()).expect(201);
                        }
                        took
                    })
                })
                .collect();
            for person in people {
                took.extend(person.join().unwrap());
            }
        });
        times(self.label, "next task for 4 people at work", took, 10.0);
    }

    /// A project of 100,000 annotated tasks as JSON.
    pub fn export(&mut self) {
        let project = self.project("Export");
        let regions = |n: usize| -> Vec<_> {
            (0..3)
                .map(|k| {
                    json!({"id": format!("r{n}-{k}"), "from_name": "c", "to_name": "t", "type": "choices",
                        "value": {"choices": ["Glad"]}, "meta": {"text": ["as found in the source"]}})
                })
                .collect()
        };
        let tasks: Vec<_> = (0..TASKS)
            .map(|n| {
                json!({"data": {"text": format!("Sentence number {n} of a project that is large enough.")},
                    "annotations": [{"result": regions(n), "lead_time": 4.5}]})
            })
            .collect();
        let body = serde_json::to_vec(&tasks).unwrap();
        let started = Instant::now();
        self.client(0).post(&format!("/api/projects/{project}/import"), &body).expect(201);
        let rate = TASKS as f64 / started.elapsed().as_secs_f64();
        measure(self.label, "import of 100,000 annotated tasks", rate, "tasks/s", None);
        drop(body);
        self.server.forget_peak();
        let started = Instant::now();
        let mut counter = Counter { looking: true, ..Counter::default() };
        let path = format!("/api/projects/{project}/export?exportType=JSON&download_all_tasks=true");
        let status = self.client(0).stream_to("GET", &path, "", b"", &mut counter);
        let seconds = started.elapsed().as_secs_f64();
        assert_eq!((status, counter.ids), (200, TASKS * 3));
        measure(
            self.label,
            "JSON export of 100,000 annotated tasks",
            counter.bytes as f64 / 1e6 / seconds,
            "MB/s",
            Some(50.0),
        );
        measure(self.label, "memory while exporting, peak", self.server.memory("VmHWM"), "MB", Some(200.0));
    }

    /// A JSON list that is cut at byte 200 million: refused with row and byte, and nothing stays.
    pub fn cut(&self) {
        const LENGTH: usize = 200_000_000;
        let project = self.project("Cut");
        let line = format!("{{\"text\":\"{}\"}},\n", "x".repeat(988));
        let mut body = format!("[\n{}", line.repeat(LENGTH / line.len())).into_bytes();
        let rows = body.iter().filter(|b| **b == b'\n').count();
        body.extend_from_slice(format!("{{\"text\":\"{}", "x".repeat(2 * line.len())).as_bytes());
        body.truncate(LENGTH);
        self.server.forget_peak();
        let started = Instant::now();
        let path = format!("/api/projects/{project}/import");
        let mut answer = self.client(0).post(&path, &body);
        let mut client = self.client(0);
        // What takes longer than a request may becomes a job to be looked at.
        while answer.status == 202 || answer.json()["state"] == "running" {
            let job =
                answer.json().get("job").map_or_else(|| answer.json()["id"].clone(), |job| job["id"].clone());
            std::thread::sleep(Duration::from_millis(200));
            answer = client.get(&format!("/api/jobs/{job}"));
        }
        let seconds = started.elapsed().as_secs_f64();
        let says = String::from_utf8_lossy(&answer.body).into_owned();
        for part in [format!("line {}", rows + 1), format!("byte {}", LENGTH - 1), "ends too early".into()] {
            assert!(says.contains(&part), "{part} is missing in {says}");
        }
        let found = client.get(&format!("/api/projects/{project}/")).expect(200).json();
        assert_eq!(found["task_number"], 0);
        measure(self.label, "JSON cut at byte 200 million, refused after", seconds, "s", None);
        measure(self.label, "memory meanwhile, peak", self.server.memory("VmHWM"), "MB", Some(300.0));
    }

    /// 100 MB over loopback in ranges of 8 MB.
    pub fn file(&mut self) {
        const SIZE: usize = 100_000_000;
        let piece: Vec<u8> = (0..1_000_000u32).map(|n| (n % 251) as u8).collect();
        let mut file = std::fs::File::create(self.root.join("large.bin")).unwrap();
        (0..SIZE / piece.len()).for_each(|_| file.write_all(&piece).unwrap());
        drop(file);
        let mut client = self.client(0);
        let mut best = f64::MAX;
        for _ in 0..5 {
            let started = Instant::now();
            let mut counter = Counter::default();
            for from in (0..SIZE).step_by(8_000_000) {
                let range = format!("Range: bytes={from}-{}\r\n", (from + 8_000_000).min(SIZE) - 1);
                let status =
                    client.stream_to("GET", "/data/local-files/?d=large.bin", &range, b"", &mut counter);
                assert_eq!(status, 206);
            }
            assert_eq!(counter.bytes, SIZE);
            best = best.min(started.elapsed().as_secs_f64());
        }
        measure(
            self.label,
            "100 MB file in ranges of 8 MB, best of 5",
            SIZE as f64 / 1e6 / best,
            "MB/s",
            Some(500.0),
        );
    }
}

/// Counts bytes, and regions of results where they are looked for.
#[derive(Default)]
struct Counter {
    bytes: usize,
    looking: bool,
    ids: usize,
    tail: Vec<u8>,
}

impl Write for Counter {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        const MARK: &[u8] = b"\"from_name\"";
        self.bytes += piece.len();
        if self.looking {
            self.tail.extend_from_slice(piece);
            let mut from = 0;
            while let Some(at) = find(&self.tail[from..], MARK) {
                self.ids += 1;
                from += at + MARK.len();
            }
            let keep = self.tail.len().saturating_sub(MARK.len() - 1).max(from);
            self.tail.drain(..keep);
        }
        Ok(piece.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn find(text: &[u8], mark: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text[from..].iter().position(|b| *b == mark[0]) {
        if text[from + at..].starts_with(mark) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}
