//! Statistics of published request traces. The traces are not part of the repository: where the folder named by
//! `EXEMPLAR_TRACES` holds them, they are read; else each test says what it lacks.

#![cfg(test)]

use std::path::PathBuf;

use shared::analysis::math::arrivals::{arrival_scv, peak_over_mean};

/// A row of an Azure trace: seconds since the first row, input tokens, output tokens.
fn azure(name: &str) -> Option<Vec<[f64; 3]>> {
    let path = PathBuf::from(std::env::var_os("EXEMPLAR_TRACES").unwrap_or_default()).join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!(
            "not compared: EXEMPLAR_TRACES names no folder with {name} (from Azure/AzurePublicDataset, CC-BY 4.0)"
        );
        return None;
    };
    let row = |line: &str| {
        let mut cells = line.split(',');
        // 2023-11-16 18:15:46.6805900, all within one day.
        let clock = cells.next()?.get(11..)?.to_string();
        let mut parts = clock.split(':').map(|part| part.parse::<f64>().ok());
        let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
        let at = hours * 3600.0 + minutes * 60.0 + seconds;
        Some([at, cells.next()?.trim().parse().ok()?, cells.next()?.trim().parse().ok()?])
    };
    Some(text.lines().skip(1).map(|line| row(line).unwrap_or_else(|| panic!("{line}"))).collect())
}

fn close(actual: f64, expected: f64, within: f64) {
    assert!((actual - expected).abs() <= within, "{actual} is not {expected}");
}

fn statistics(name: &str, input: f64, output: f64, scv: f64, peak: f64) {
    let Some(rows) = azure(name) else { return };
    assert_eq!(rows.len(), 5_000);
    let mean = |i: usize| rows.iter().map(|row| row[i]).sum::<f64>() / rows.len() as f64;
    close(mean(1), input, 0.005);
    close(mean(2), output, 0.005);
    let at: Vec<f64> = rows.iter().map(|row| row[0]).collect();
    close(arrival_scv(&at).unwrap(), scv, scv * 1e-3);
    close(peak_over_mean(&at, 60.0).unwrap(), peak, peak * 0.02);
}

#[test]
fn azure_llm_2023_conversations_first_5000() {
    statistics("azure_llm_2023_conv_first5000.csv", 1_161.13, 257.50, 1.127, 1.204);
}

#[test]
fn azure_llm_2023_code_first_5000() {
    statistics("azure_llm_2023_code_first5000.csv", 2_052.72, 27.42, 186.99, 3.436);
}
