//! What the log says, in the sources and in the page about it.

use std::{collections::BTreeSet, path::Path};

use super::{
    files,
    template::{Template, string, strings},
};

const PAGE: &str = "infra/log-events.md";

#[test]
fn the_page_lists_every_event_of_the_log_and_no_other() {
    let page = files::read(PAGE);
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let listed: BTreeSet<String> = rows
        .filter_map(|row| row.split('|').nth(1))
        .flat_map(|names| names.split(',').map(|name| name.trim().trim_matches('`').to_owned()))
        .collect();

    assert_eq!(listed, logged());
}

#[test]
fn the_alarms_and_the_dashboard_look_at_numbers_that_are_written() {
    let template = Template::read();
    let declared = files::read("shared/src/telemetry/metrics.rs");
    let counted: Vec<String> = template.of_type("AWS::Logs::MetricFilter").map(counts).collect();
    let is_written = |name: &str| {
        declared.contains(&format!("`{name}`")) || counted.iter().any(|other| other == name)
    };
    let ours = |value: &serde_json::Value| {
        value.as_str().is_some_and(|namespace| namespace.starts_with("Belay/"))
    };

    let alarms = template.of_type("AWS::CloudWatch::Alarm");
    let watched: Vec<String> = alarms
        .filter(|(_, alarm)| ours(&alarm["Namespace"]))
        .flat_map(|(_, alarm)| strings(&alarm["MetricName"]))
        .collect();

    assert_eq!(watched.len(), 6);
    for name in watched.iter().chain(&shown(&template)) {
        assert!(is_written(name), "{name} is written by nobody");
    }
}

#[test]
fn what_is_counted_from_the_access_log_is_in_it() {
    let template = Template::read();
    let format = string(&template.properties("HttpStage")["AccessLogSettings"]["Format"]);
    let routes: BTreeSet<String> = template
        .of_type("AWS::ApiGatewayV2::Route")
        .map(|(_, route)| string(&route["RouteKey"]))
        .collect();

    for (name, filter) in template.of_type("AWS::Logs::MetricFilter") {
        assert_eq!(filter["LogGroupName"], "AccessLogs", "{name}");
        let pattern = string(&filter["FilterPattern"]);
        for field in pattern.split("$.").skip(1).filter_map(|rest| rest.split(' ').next()) {
            assert!(format.contains(&format!("\"{field}\":")), "{name}: {field}");
        }
        for route in pattern.split('"').filter(|text| text.starts_with("ANY ")) {
            assert!(routes.contains(route), "{name}: {route}");
        }
    }
    // A number only without quotes.
    assert!(format.contains(r#""latency":$context.responseLatency,"#), "{format}");
}

/// The metric that a filter makes of lines.
fn counts((_, filter): (&str, &serde_json::Value)) -> String {
    string(&filter["MetricTransformations"][0]["MetricName"])
}

/// The metrics of ours in the dashboard.
fn shown(template: &Template) -> Vec<String> {
    let body = &template.properties("Dashboard")["DashboardBody"];
    let body: serde_json::Value = serde_json::from_str(body.as_str().unwrap()).unwrap();
    let mut names = Vec::new();
    for widget in body["widgets"].as_array().unwrap() {
        let mut namespace = "";
        for line in widget["properties"]["metrics"].as_array().into_iter().flatten() {
            if let Some(search) = line[0]["expression"].as_str() {
                let name = search.split("MetricName=\"").nth(1).unwrap().split('"').next();
                names.push(name.unwrap().to_owned());
                continue;
            }
            match line[0].as_str().unwrap() {
                // The line before, with another label.
                "..." => continue,
                "." => {}
                other => namespace = other,
            }
            if namespace.starts_with("Belay/") {
                names.push(line[1].as_str().unwrap().to_owned());
            }
        }
    }
    assert!(names.len() >= 10, "{names:?}");
    names
}

/// The names behind `event = ` in the functions and in what they share, and those of the errors.
fn logged() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut folders: Vec<_> = files::functions()
        .iter()
        .map(|name| files::path(&format!("functions/{name}/src")))
        .collect();
    folders.push(files::path("shared/src"));
    while let Some(folder) = folders.pop() {
        for path in files::entries(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else {
                names.extend(named_in(&path));
            }
        }
    }
    names
}

fn named_in(path: &Path) -> Vec<String> {
    let source = std::fs::read_to_string(path).unwrap();
    let quoted = |text: &str| text.split('"').next().unwrap().to_owned();
    let mut names: Vec<String> = source.split("event = \"").skip(1).map(quoted).collect();
    if path.ends_with("shared/src/error.rs") {
        // The rows of the table: status, name, level.
        let rows = source.split("(StatusCode::").skip(1);
        names.extend(rows.filter_map(|row| row.split_once(", \"")).map(|(_, rest)| quoted(rest)));
    }
    names
}
