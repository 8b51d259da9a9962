//! A life of the real binary, on a database that outlives it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::PATIENCE;

/// A life of the real binary.
pub struct Life {
    child: Child,
    pub address: SocketAddr,
}

impl Life {
    pub async fn begin(folder: &Path) -> Self {
        Self::with(folder, &[]).await
    }

    /// A life with more settings.
    pub async fn with(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_exemplar"))
            .arg("serve")
            .current_dir(folder)
            .env("EXEMPLAR_ADDR", "127.0.0.1:0")
            .env("DATABASE_URL", format!("sqlite://{}", folder.join("kill.db").display()))
            .env("EXEMPLAR_RATE_LIMIT_PER_MIN", "0")
            .env("RUST_LOG", "error")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line =
            tokio::time::timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().expect("a line when ready");
        let address = line.rsplit_once("http://").expect("the address").1.trim().parse().unwrap();
        Self { child, address }
    }

    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Waits until it has ended by itself.
    pub async fn died(mut self) {
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap();
        assert!(!status.success(), "{status}");
    }
}
