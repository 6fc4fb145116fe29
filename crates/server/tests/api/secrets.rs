//! The log tells what happened, and no secret: the real binary at DEBUG, led through everything that has secrets.

use crate::support::*;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

const PASSWORD: &str = "swordfish-of-the-owner";
const NEXT_PASSWORD: &str = "marlin-of-the-owner";
const SECRET_KEY: &str = "a-key-of-forty-characters-for-this-test!";

#[tokio::test(flavor = "multi_thread")]
async fn the_log_holds_no_secret_at_any_level() {
    let (dir, database) = place().await;
    let run = |args: &[&str]| {
        let mut command = binary();
        command.args(args).arg("--data-dir").arg(dir.path().join("data")).stdin(Stdio::null());
        command.args(["--log-level", "DEBUG"]).env("SECRET_KEY", SECRET_KEY).env_remove("RUST_LOG");
        if let Some(url) = &database {
            command.env("DATABASE_URL", url);
        }
        command
    };
    let mut child = run(&["start", "--no-browser", "--port", "0"])
        .args(["--username", "owner@example.com", "--password", PASSWORD, "--user-token", OWNER])
        .arg("--enable-legacy-api-token")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = child.stderr.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        log.read_to_string(&mut text).unwrap();
        text
    });
    let out = BufReader::new(child.stdout.take().unwrap());
    let line = out.lines().map_while(Result::ok).find(|l| l.contains(" serves ")).unwrap();
    let url = format!("http://127.0.0.1:{}", line.rsplit(':').next().unwrap());
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let ask =
        |method: &str, path: &str| Request(client.request(method.parse().unwrap(), format!("{url}{path}")));
    let owner = |method: &str, path: &str| ask(method, path).token(OWNER);
    let text = |value: &Value| value.as_str().unwrap().to_owned();

    let mut secrets = vec![PASSWORD.to_owned(), NEXT_PASSWORD.into(), OWNER.into(), SECRET_KEY.into()];
    let login = |password: &str| {
        ask("POST", "/api/auth/login").json(json!({"email": "owner@example.com", "password": password}))
    };
    let answer = login(PASSWORD).send().await;
    let (session, csrf) = cookies(&answer);
    secrets.extend([set_cookie(&answer, "sessionid").0, csrf.clone()]);
    login("a-wrong-guess-of-it").send().await.error(401);
    secrets.push("a-wrong-guess-of-it".into());
    let pat = text(&owner("POST", "/api/token/").ok().await["token"]);
    let refresh = |token: &str, path: &str| ask("POST", path).json(json!({"refresh": token}));
    secrets.push(text(&refresh(&pat, "/api/token/refresh/").ok().await["access"]));
    let rotated = text(&refresh(&pat, "/api/token/rotate/").ok().await["refresh"]);
    owner("POST", "/api/token/blacklist/").json(json!({"refresh": rotated})).ok().await;
    refresh(&rotated, "/api/token/refresh/").send().await.error(401);
    secrets.extend([pat, rotated]);
    let invite = text(&owner("GET", "/api/invite").ok().await["token"]);
    ask("GET", &format!("/user/signup/?token={invite}")).send().await;
    let body = json!({"token": invite, "email": "new@example.com", "password": "pike-of-the-newcomer"});
    ask("POST", "/api/auth/signup").json(body.clone()).ok().await;
    ask("POST", "/api/auth/signup").json(body).send().await.error(400);
    secrets.extend([invite, "pike-of-the-newcomer".into()]);
    // Broken bodies are where a parser likes to quote.
    let broken = format!("{{\"email\": \"owner@example.com\", \"password\": \"{PASSWORD}\"");
    ask("POST", "/api/auth/login").body(broken).send().await.error(400);
    ask("POST", "/api/auth/setup").json(json!({"token": PASSWORD, "email": 5})).send().await;
    let reset =
        ask("POST", "/api/current-user/reset-token/").header("cookie", &session).header("x-csrftoken", &csrf);
    secrets.push(text(&reset.ok().await["token"]));
    ask("POST", "/api/auth/logout").header("cookie", &session).ok().await;

    let output = run(&["reset_password", "--username", "owner@example.com", "--password", NEXT_PASSWORD])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let wrong = run(&["reset_password", "--username", "owner@example.com", "--password", NEXT_PASSWORD])
        .output()
        .unwrap();
    assert!(!wrong.status.success(), "{wrong:?}");
    login(NEXT_PASSWORD).ok().await;
    let shown = run(&["audit", "--action", "user.password_reset", "--json"]).output().unwrap();
    let entry: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(
        (&entry["address"], &entry["details"]["email"]),
        (&json!("command line"), &json!("owner@example.com"))
    );
    let shown = String::from_utf8(run(&["audit"]).output().unwrap().stdout).unwrap();
    assert!(shown.contains("session.refused") && shown.lines().count() >= 8, "{shown}");
    let unknown = run(&["audit", "--action", "nonsense"]).output().unwrap();
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("session.start"), "{unknown:?}");

    child.kill().unwrap();
    child.wait().unwrap();
    let mut all = reader.join().unwrap();
    for output in [output, wrong, unknown] {
        all += &String::from_utf8_lossy(&output.stderr);
        all += &String::from_utf8_lossy(&output.stdout);
    }
    all += &shown;
    assert!(
        all.contains("/api/token/rotate/") && all.contains("/user/signup/"),
        "the requests are logged: {all}"
    );
    for secret in secrets {
        let at = all.find(&secret).map(|i| all[i.saturating_sub(300)..i].to_owned());
        assert_eq!(at, None, "{secret} is in the log");
    }
}
