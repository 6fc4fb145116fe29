//! One connection, kept open; requests one after the other.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

pub struct Client {
    stream: BufReader<TcpStream>,
    token: String,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(
            self.status,
            status,
            "{}",
            String::from_utf8_lossy(&self.body[..self.body.len().min(2000)])
        );
        self
    }
}

impl Client {
    pub fn new(port: u16, token: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::with_capacity(1 << 18, stream), token: token.to_owned() }
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, "", b"")
    }

    pub fn post(&mut self, path: &str, body: &[u8]) -> Answer {
        self.ask("POST", path, "", body)
    }

    pub fn ask(&mut self, method: &str, path: &str, more: &str, body: &[u8]) -> Answer {
        let mut answer = Vec::new();
        let status = self.stream_to(method, path, more, body, &mut answer);
        Answer { status, body: answer }
    }

    /// Sends a request and writes the answer's body; gives the status.
    pub fn stream_to(
        &mut self,
        method: &str,
        path: &str,
        more: &str,
        body: &[u8],
        to: &mut impl Write,
    ) -> u16 {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n{more}\r\n",
            self.token,
            body.len()
        );
        let out = self.stream.get_mut();
        if body.len() < 1 << 16 {
            let mut all = head.into_bytes();
            all.extend_from_slice(body);
            out.write_all(&all).unwrap();
        } else {
            out.write_all(head.as_bytes()).unwrap();
            out.write_all(body).unwrap();
        }
        let status = self.line().split(' ').nth(1).unwrap().parse().unwrap();
        let (mut length, mut chunked) = (None, false);
        loop {
            let line = self.line().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(text) = line.strip_prefix("content-length:") {
                length = Some(text.trim().parse::<u64>().unwrap());
            }
            chunked |= line.starts_with("transfer-encoding:") && line.contains("chunked");
        }
        if chunked {
            loop {
                let size = u64::from_str_radix(self.line().trim(), 16).unwrap();
                std::io::copy(&mut self.stream.by_ref().take(size), to).unwrap();
                self.line();
                if size == 0 {
                    break;
                }
            }
        } else {
            std::io::copy(&mut self.stream.by_ref().take(length.unwrap_or(0)), to).unwrap();
        }
        status
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.stream.read_line(&mut line).unwrap();
        assert!(read > 0, "the server closed the connection");
        line.trim_end_matches(['\r', '\n']).to_owned()
    }
}
