//! The real program, as the console starts it.

use reqwest::{Client, redirect};
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use tempfile::TempDir;

/// A folder with a database of its own.
pub struct Place {
    folder: TempDir,
}

/// A server that runs; killed when dropped.
pub struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
    pub url: String,
    /// What it said before its address.
    pub said: Vec<String>,
}

impl Place {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn database(&self) -> String {
        format!("sqlite://{}", self.path().join("drumbeat.db").display())
    }

    /// The program with these arguments and this place's database.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_drumbeat"));
        command
            .args(arguments)
            .env_clear()
            .env("DRUMBEAT_DATABASE", self.database());
        command.env("RUST_LOG", "warn").stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Starts it and waits until it says where it is.
    pub fn serve(&self, arguments: &[&str]) -> Running {
        Self::start(self.serving(arguments).stderr(Stdio::inherit()))
    }

    /// The same; whatever it can log goes to [`Place::log`].
    pub fn serve_logging(&self, arguments: &[&str]) -> Running {
        let log = std::fs::File::create(self.path().join("log")).unwrap();
        let mut command = self.serving(arguments);
        Self::start(command.env("RUST_LOG", "trace").stderr(log))
    }

    /// The same where the system lets it have so many descriptors and no more.
    pub fn serve_within(&self, descriptors: u32, arguments: &[&str]) -> Running {
        let program = self.serving(arguments);
        let mut command = Command::new("sh");
        let limited = format!("ulimit -n {descriptors} && exec \"$0\" \"$@\"");
        command.arg("-c").arg(limited).arg(program.get_program());
        command.args(program.get_args()).env_clear();
        command.envs(
            program
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        Self::start(command.stdin(Stdio::null()).stderr(Stdio::inherit()))
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path().join("log")).unwrap()
    }

    fn serving(&self, arguments: &[&str]) -> Command {
        self.command(&[&["serve", "--addr", "127.0.0.1:0"], arguments].concat())
    }

    fn start(command: &mut Command) -> Running {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        // From here on it is ended whatever fails.
        let mut running = Running {
            child,
            out,
            url: String::new(),
            said: Vec::new(),
        };
        while running.url.is_empty() {
            let mut line = String::new();
            let read = running.out.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "it ended before it said where it is");
            match line.trim().strip_prefix("Drumbeat is at ") {
                Some(url) => running.url = url.to_owned(),
                None => running.said.push(line.trim().to_owned()),
            }
        }
        running
    }
}

impl Running {
    /// Ends it at once, wherever it is.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end as an operator does, waits, and tells whether all was well.
    pub fn stop(mut self) -> bool {
        let asked = Command::new("kill")
            .arg(self.child.id().to_string())
            .status()
            .unwrap();
        assert!(asked.success());
        // It says nothing more; its end closes the pipe.
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
        self.child.wait().unwrap().success()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn client() -> Client {
    Client::builder()
        .redirect(redirect::Policy::none())
        .build()
        .unwrap()
}
