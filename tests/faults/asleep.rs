//! A process sleeps between two requests, as Lambda freezes it. Meanwhile the other side closes the
//! connections it keeps, and nobody in the process hears of that: it is not running.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use reqwest::{Client, Method};
use shared::transport::{self, notice_closed_connections};
use tokio::runtime::{Builder, Runtime};

/// What is asked of Sentry, of Slack and of the table.
const METHODS: [Method; 3] = [Method::GET, Method::PUT, Method::POST];
/// A race would be lost by chance only.
const TIMES: usize = 50;

/// Somebody who answers, keeps the connection, and closes it when told to.
struct Neighbour {
    url: String,
    seen: Arc<Mutex<Vec<String>>>,
    close: Sender<()>,
    closed: Receiver<()>,
}

impl Neighbour {
    fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&seen);
        let (close, told) = channel();
        let (tell, closed) = channel();
        thread::spawn(move || {
            for connection in listener.incoming() {
                serve(&connection.unwrap(), &record);
                // An end of the test ends this as well.
                let Ok(()) = told.recv() else { return };
                tell.send(()).unwrap();
            }
        });
        Self { url, seen, close, closed }
    }

    /// Closes the connection it has, and is done with it before this returns.
    fn close(&self) {
        self.close.send(()).unwrap();
        self.closed.recv().unwrap();
    }
}

/// Answers one request, and leaves the connection open.
fn serve(mut connection: &TcpStream, seen: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(connection);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
        if line.trim().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
    seen.lock().unwrap().push(head.split(' ').next().unwrap().to_owned());
    connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
}

/// An invocation in a process of one thread, as a function is: between two of them it stands still.
fn send(process: &Runtime, client: &Client, method: &Method, url: &str) -> String {
    process.block_on(async {
        notice_closed_connections().await;
        let request = client.request(method.clone(), url).body("body");
        request.send().await.unwrap().text().await.unwrap()
    })
}

#[test]
fn what_is_sent_after_a_sleep_arrives_once_although_the_connection_is_dead() {
    for method in METHODS {
        for time in 0..TIMES {
            let neighbour = Neighbour::listen();
            let process = Builder::new_current_thread().enable_all().build().unwrap();
            let client = transport::client(None).unwrap();
            send(&process, &client, &method, &neighbour.url);
            neighbour.close();

            let answer = send(&process, &client, &method, &neighbour.url);

            assert_eq!(answer, "ok", "{method}, {time}");
            let seen = neighbour.seen.lock().unwrap();
            assert_eq!(*seen, [method.as_str(), method.as_str()], "{time}");
        }
    }
}
