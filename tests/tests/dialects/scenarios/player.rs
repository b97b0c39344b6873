//! Plays a scenario: a conversation between a client and one of the servers whose protocols Confab
//! speaks, recorded with that server, and says where the answers differ.
//!
//! A scenario is a JSON object `{"dialect", "name", "about", "steps": […]}`. Its steps, in order:
//!
//! ```text
//! {"http": {"as": "ann", "method", "path", "json" | "form" | "files", "headers"},
//!  "expect": {"status": 200 | [200, 201], "json": PATTERN, "headers": {"name": PATTERN}}}
//! {"open": {"as": "ann", "socket": "s1", "path", "headers", "protocols"},
//!  "expect": {"open": true} | {"refused": true} | {"closed": 4001}}
//! {"send": {"socket": "s1", "json" | "text"}}
//! {"recv": {"socket": "s1", "json": PATTERN, "within_ms": 3000}}    passes over other frames
//! {"silent": {"socket": "s1", "json": PATTERN, "ms": 700}}          no such frame comes
//! {"close": {"socket": "s1"}}
//! {"wait_ms": 200}
//! ```
//!
//! `pattern.rs` has the patterns. `${name}` stands for what was saved under that name; `${salt}` and
//! `${number}` are different in each scenario. `as` names a person, whose cookies are kept and sent, on
//! sockets too. `files` is `{"field": ["name", "type", "base64"]}`. A step with `"only": "original"`
//! needs parts of a larger product that Confab is not and is passed over; one with `"only": "confab"`
//! does the same by Confab's own API.

use super::line::Line;
use super::pattern::{cut, difference, short};
use super::person::Person;
use super::saved::Saved;
use std::collections::HashMap;
use std::time::Duration;
use tests::{Value, json};
use tokio::time::{Instant, sleep};

/// How long what must come may take on a slow machine, whatever the scenario says.
const PATIENCE: Duration = Duration::from_secs(15);

/// A step's difference.
type Played = Result<(), String>;

/// A scenario that is being played.
pub(crate) struct Player {
    nodes: Vec<String>,
    saved: Saved,
    people: Vec<(String, Person)>,
    lines: HashMap<String, Line>,
    /// After the first difference more will follow, which need not be waited for as long.
    in_order: bool,
}

impl Player {
    /// Plays a scenario with the servers at these addresses, which are one, and answers all
    /// differences. People are at home on the nodes by turns, and their sockets are on the next one.
    pub(crate) async fn play(nodes: &[&str], scenario: &Value, salt: u32) -> Vec<String> {
        let mut saved = Saved::default();
        saved.save("salt", json!(format!("{salt:x}")));
        saved.save("number", json!(salt));
        let nodes = nodes.iter().map(|&node| node.to_owned()).collect();
        let (people, lines) = Default::default();
        let mut player = Self { nodes, saved, people, lines, in_order: true };
        let mut differences = Vec::new();
        for (n, step) in scenario["steps"].as_array().expect("a list of steps").iter().enumerate() {
            if step["only"] == "original" {
                continue;
            }
            if let Err(why) = player.step(step).await {
                player.in_order = false;
                let mut done = step.clone();
                done.as_object_mut().expect("a step is an object").remove("expect");
                let done = cut(&done.to_string(), 160);
                differences.push(format!("  step {} {done}\n      {why}", n + 1));
            }
        }
        for (_, line) in player.lines.drain() {
            line.close().await;
        }
        differences
    }

    async fn step(&mut self, step: &Value) -> Played {
        let fill = |key: &str| self.saved.fill(&step[key]);
        let verb = |verb: &&str| step.get(*verb).is_some();
        let verbs = ["http", "open", "send", "recv", "silent", "close", "wait_ms"];
        let verb = verbs.into_iter().find(verb).expect("a step says what is done");
        let (wanted, expected) = (fill(verb)?, fill("expect")?);
        match verb {
            "http" => self.http(&wanted, &expected).await,
            "open" => self.open(&wanted, &expected).await,
            "send" => {
                let text = wanted["text"].as_str().map(str::to_owned);
                let text = text.unwrap_or_else(|| wanted["json"].to_string());
                self.line(&wanted)?.send(&text).await
            }
            "recv" => self.recv(&wanted).await,
            "silent" => self.silent(&wanted).await,
            "close" => {
                let line = self.lines.remove(name_of(&wanted));
                line.ok_or("this socket was not opened")?.close().await;
                Ok(())
            }
            _ => {
                sleep(milliseconds(&wanted).expect("a time to wait")).await;
                Ok(())
            }
        }
    }

    async fn http(&mut self, wanted: &Value, expected: &Value) -> Played {
        let answer = self.person(wanted).ask(wanted).await?;
        let status = json!(answer.status);
        let is_expected = match &expected["status"] {
            Value::Null => true,
            Value::Array(several) => several.contains(&status),
            one => *one == status,
        };
        if !is_expected {
            let told = cut(&answer.text, 300);
            return Err(format!("status {status}, expected {}: {told}", expected["status"]));
        }
        for (name, pattern) in expected["headers"].as_object().into_iter().flatten() {
            if let Some(why) = difference(pattern, &answer.header(name), &mut self.saved) {
                return Err(format!("header {name}: {why}"));
            }
        }
        let pattern = expected.get("json");
        let why = pattern.and_then(|json| difference(json, &answer.json(), &mut self.saved));
        why.map_or(Ok(()), Err)
    }

    async fn open(&mut self, wanted: &Value, expected: &Value) -> Played {
        let refused = expected["refused"] == true;
        let mut line = match self.person(wanted).open(wanted).await {
            Ok(stream) => Line::of(stream),
            Err(_) if refused => return Ok(()),
            Err(why) => return Err(why),
        };
        if refused {
            // A server that accepts and closes at once refuses, too.
            let first = line.next(Instant::now() + Duration::from_secs(2)).await;
            let closed = first.is_some_and(|frame| frame.get("<closed>").is_some());
            line.close().await;
            return if closed { Ok(()) } else { Err("was opened".to_owned()) };
        }
        let played = match expected.get("closed") {
            None => Ok(()),
            Some(code) => match line.next(self.patience(Duration::from_secs(5))).await {
                Some(frame) if frame == json!({"<closed>": code}) => Ok(()),
                Some(frame) => {
                    Err(format!("expected to be closed with {code}, got {}", short(&frame)))
                }
                None => Err("was not closed".to_owned()),
            },
        };
        self.lines.insert(name_of(wanted).to_owned(), line);
        played
    }

    async fn recv(&mut self, wanted: &Value) -> Played {
        let time = milliseconds(&wanted["within_ms"]).unwrap_or(Duration::from_secs(3));
        let until = self.patience(time);
        let mut passed = Vec::new();
        loop {
            let Some(frame) = self.line(wanted)?.next(until).await else {
                let (wanted, passed) = (short(&wanted["json"]), short(&Value::Array(passed)));
                return Err(format!("no such frame: {wanted}; instead: {passed}"));
            };
            let mut saved = self.saved.clone();
            if difference(&wanted["json"], &frame, &mut saved).is_none() {
                self.saved = saved;
                return Ok(());
            }
            passed.push(frame);
        }
    }

    async fn silent(&mut self, wanted: &Value) -> Played {
        let saved = self.saved.clone();
        let time = milliseconds(&wanted["ms"]).unwrap_or(Duration::from_millis(700));
        let several = self.nodes.len() > 1;
        let frames = self.line(wanted)?.after(time).await;
        let is_it =
            |frame: &&Value| difference(&wanted["json"], frame, &mut saved.clone()).is_none();
        // A node looks every second who came to another one, so that is heard a little later there.
        let is_late = |frame: &&Value| several && tells_who_came(frame);
        match frames.iter().filter(|frame| !is_late(frame)).find(is_it) {
            Some(frame) => Err(format!("came although it must not: {}", short(frame))),
            None => Ok(()),
        }
    }

    /// Until when to wait for what may take that long.
    fn patience(&self, time: Duration) -> Instant {
        Instant::now() + if self.in_order { time.max(PATIENCE) } else { time }
    }

    fn line(&mut self, wanted: &Value) -> Result<&mut Line, String> {
        self.lines.get_mut(name_of(wanted)).ok_or_else(|| "this socket was not opened".to_owned())
    }

    fn person(&mut self, wanted: &Value) -> &mut Person {
        let name = wanted["as"].as_str().unwrap_or("nobody");
        let known = self.people.iter().position(|(known, _)| known == name);
        let known = known.unwrap_or_else(|| {
            let node = |n: usize| &self.nodes[n % self.nodes.len()];
            let n = self.people.len();
            self.people.push((name.to_owned(), Person::at([node(n), node(n + 1)], node(0))));
            n
        });
        &mut self.people[known].1
    }
}

/// The name of a step's socket.
fn name_of(wanted: &Value) -> &str {
    wanted["socket"].as_str().expect("a step names its socket")
}

fn milliseconds(value: &Value) -> Option<Duration> {
    value.as_u64().map(Duration::from_millis)
}

fn tells_who_came(frame: &Value) -> bool {
    ["user_status", "set_online", "set_offline"].iter().any(|kind| frame["type"] == *kind)
}
