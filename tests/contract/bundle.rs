//! One fact, several files: the routes, the functions, the table's index.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use serde_json::Value;
use shared::{
    routes::{BACKGROUND, ROUTES},
    store::dynamo::DUE_INDEX,
};

use super::files;

/// A resource of `infra/template.yaml`: its lines, trimmed.
type Resource = Vec<String>;

#[test]
fn the_template_routes_what_the_bundle_answers_and_nothing_else() {
    let template = resources();
    let routed: BTreeMap<String, String> = of_type(&template, "AWS::ApiGatewayV2::Route")
        .map(|route| (field(route, "RouteKey"), function_behind(&template, route)))
        .collect();

    let wanted = ROUTES.iter().flat_map(|route| {
        // The second is for the trailing slash.
        let keys = [format!("ANY {}", route.path), format!("ANY {}/{{proxy+}}", route.path)];
        keys.map(|key| (key, route.function.to_owned()))
    });

    assert_eq!(routed, wanted.collect());
}

#[test]
fn the_api_may_invoke_the_functions_it_routes_to() {
    let template = resources();
    let invoked: BTreeSet<String> = of_type(&template, "AWS::Lambda::Permission")
        .map(|permission| binary(&template, &referenced(&field(permission, "FunctionName"))))
        .collect();

    let routed = ROUTES.iter().map(|route| route.function.to_owned());

    assert_eq!(invoked, routed.collect());
}

#[test]
fn every_function_is_a_folder_a_resource_and_a_route_or_a_background_task() {
    let template = resources();
    let functions: Vec<_> = of_type(&template, "AWS::Serverless::Function").collect();
    let binaries = functions.iter().map(|function| field(function, "Binary"));
    let folders = functions.iter().map(|function| field(function, "CodeUri"));

    let known = ROUTES.iter().map(|route| route.function).chain(BACKGROUND.iter().copied());

    let in_the_checkout = files::functions();
    assert_eq!(known.map(str::to_owned).collect::<BTreeSet<_>>(), in_the_checkout);
    assert_eq!(binaries.collect::<BTreeSet<_>>(), in_the_checkout);
    let expected = in_the_checkout.iter().map(|name| format!("../functions/{name}"));
    assert_eq!(folders.collect::<BTreeSet<_>>(), expected.collect());
}

#[test]
fn cargo_lambda_routes_every_path_with_and_without_a_slash() {
    let manifest = files::read("Cargo.toml");
    let (_, after) = manifest
        .split_once("[workspace.metadata.lambda.watch.router]\n")
        .expect("the root Cargo.toml has no router for cargo lambda watch");
    let section = after.split("\n[").next().unwrap();
    let unquoted = |text: &str| text.trim().trim_matches('"').to_owned();
    let routed: BTreeMap<String, String> = section
        .lines()
        .filter(|line| line.starts_with('"'))
        .map(|line| line.split_once('=').unwrap())
        .map(|(path, function)| (unquoted(path), unquoted(function)))
        .collect();

    let wanted = ROUTES.iter().flat_map(|route| {
        [route.path.to_owned(), format!("{}/", route.path)]
            .map(|path| (path, route.function.to_owned()))
    });

    assert_eq!(routed, wanted.collect());
}

#[test]
fn there_are_sample_events_of_every_function() {
    let events = files::entries(&files::path("infra/events"));
    let named = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let is_json = |path: &&PathBuf| path.extension().is_some_and(|extension| extension == "json");
    let samples: BTreeSet<String> = events.iter().filter(is_json).map(named).collect();

    for function in files::functions() {
        let prefix = format!("{function}-");
        assert!(samples.iter().any(|name| name.starts_with(&prefix)), "{function}: {samples:?}");
    }
    for name in &samples {
        let event: Value = serde_json::from_str(&files::read(&format!("infra/events/{name}")))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(event.is_object(), "{name}");
    }
}

#[test]
fn the_template_has_the_index_of_what_is_due() {
    let template = resources();
    let table = of_type(&template, "AWS::DynamoDB::Table").next().unwrap();

    // The rest of the line is a comment.
    let index = field(table, "- IndexName");

    assert_eq!(index.split(' ').next(), Some(DUE_INDEX));
}

/// The template's resources by name. It is written with two spaces a level; no more is understood.
fn resources() -> BTreeMap<String, Resource> {
    let template = files::read("infra/template.yaml");
    let (_, after) = template.split_once("\nResources:\n").unwrap();
    let section = after.split("\nOutputs:\n").next().unwrap();
    let mut resources = BTreeMap::<String, Resource>::new();
    let mut name = String::new();
    for line in section.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let named = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' '));
        match named.and_then(|rest| rest.strip_suffix(':')) {
            Some(next) => next.clone_into(&mut name),
            None => resources.entry(name.clone()).or_default().push(line.trim().to_owned()),
        }
    }
    resources.remove("");
    resources
}

fn of_type<'a>(
    template: &'a BTreeMap<String, Resource>,
    kind: &str,
) -> impl Iterator<Item = &'a Resource> {
    let line = format!("Type: {kind}");
    template.values().filter(move |resource| resource.contains(&line))
}

fn field(resource: &Resource, name: &str) -> String {
    let start = format!("{name}: ");
    let value = resource.iter().find_map(|line| line.strip_prefix(&start));
    value.unwrap_or_else(|| panic!("no {name} in {resource:#?}")).to_owned()
}

/// Route → integration → function.
fn function_behind(template: &BTreeMap<String, Resource>, route: &Resource) -> String {
    let target = field(route, "Target");
    let integration = target.strip_prefix("!Sub integrations/${").unwrap();
    let integration = &template[integration.strip_suffix('}').unwrap()];
    binary(template, &referenced(&field(integration, "IntegrationUri")))
}

/// `!Ref X` and `!GetAtt X.Arn` are about `X`.
fn referenced(value: &str) -> String {
    let target = value.strip_prefix("!Ref ").or_else(|| value.strip_prefix("!GetAtt "));
    target.unwrap().trim_end_matches(".Arn").to_owned()
}

fn binary(template: &BTreeMap<String, Resource>, function: &str) -> String {
    field(&template[function], "Binary")
}
