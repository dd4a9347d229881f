//! One fact, several files: the routes, the functions, the table's index.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use serde_json::{Value, json};
use shared::{
    routes::{BACKGROUND, ROUTES},
    store::dynamo::DUE_INDEX,
};

use super::{
    files,
    template::{Template, string},
};

#[test]
fn the_template_routes_what_the_bundle_answers_and_nothing_else() {
    let template = Template::read();
    let routed: BTreeMap<String, String> = template
        .of_type("AWS::ApiGatewayV2::Route")
        .map(|(_, route)| (string(&route["RouteKey"]), function_behind(&template, route)))
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
    let template = Template::read();
    let invoked: BTreeSet<String> = template
        .of_type("AWS::Lambda::Permission")
        .map(|(_, permission)| template.binary(live(&permission["FunctionName"])))
        .collect();

    let routed = ROUTES.iter().map(|route| route.function.to_owned());

    assert_eq!(invoked, routed.collect());
}

#[test]
fn every_function_is_a_folder_a_resource_and_a_route_or_a_background_task() {
    let template = Template::read();
    let binaries = template.functions().into_keys();
    let functions = template.of_type("AWS::Serverless::Function");
    let folders = functions.map(|(_, function)| string(&function["CodeUri"]));

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
fn the_template_has_the_table_that_the_store_is_written_for() {
    let template = Template::read();
    let table = template.properties("Table");
    let [index] = table["GlobalSecondaryIndexes"].as_array().unwrap().as_slice() else {
        panic!("one index: {table}")
    };

    assert_eq!(index["IndexName"], DUE_INDEX);
    let key = |name, kind| json!({"AttributeName": name, "KeyType": kind});
    assert_eq!(table["KeySchema"], json!([key("pk", "HASH"), key("sk", "RANGE")]));
    assert_eq!(index["KeySchema"], json!([key("due", "HASH"), key("next_at", "RANGE")]));
    assert_eq!(table["TimeToLiveSpecification"], json!({"AttributeName": "exp", "Enabled": true}));
}

#[test]
fn what_cannot_be_made_again_outlives_the_stack() {
    let template = Template::read();

    // A table that is protected cannot go with a first deployment that fails; a secret can.
    let (always, once_made) = ("Retain", "RetainExceptOnCreate");
    for (name, kept) in [("Table", always), ("FrontSecret", once_made), ("VaultSecret", once_made)]
    {
        let resource = template.resource(name);
        assert_eq!(resource["DeletionPolicy"], kept, "{name}");
        assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{name}");
    }
    let table = template.properties("Table");
    assert_eq!(table["DeletionProtectionEnabled"], true);
    assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(table["SSESpecification"]["SSEEnabled"], true);
}

#[test]
fn a_failed_message_comes_again_alone_and_not_before_its_worker_is_over() {
    let template = Template::read();
    let time_out = template.properties("PerformFunction")["Timeout"].as_u64().unwrap();

    let mappings: BTreeMap<String, &Value> = template
        .of_type("AWS::Lambda::EventSourceMapping")
        .map(|(_, mapping)| (string(&mapping["EventSourceArn"]), mapping))
        .collect();

    let queues: Vec<&str> = mappings.keys().map(String::as_str).collect();
    assert_eq!(queues, ["PostWakeUps.Arn", "WakeUps.Arn"]);
    for (queue, mapping) in mappings {
        assert_eq!(live(&mapping["FunctionName"]), "PerformFunction");
        assert_eq!(mapping["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
        let queue = template.properties(queue.trim_end_matches(".Arn"));
        // AWS: six times the function's time-out.
        assert!(queue["VisibilityTimeout"].as_u64().unwrap() >= 6 * time_out);
        let redrive = &queue["RedrivePolicy"];
        assert_eq!(
            *redrive,
            json!({"deadLetterTargetArn": "DeadWakeUps.Arn", "maxReceiveCount": 5})
        );
    }
}

#[test]
fn an_alarm_says_that_a_message_is_given_up() {
    let template = Template::read();

    let alarm = template.properties("DeadWakeUpsAlarm");

    assert_eq!(alarm["MetricName"], "ApproximateNumberOfMessagesVisible");
    assert_eq!(
        alarm["Dimensions"],
        json!([{"Name": "QueueName", "Value": "DeadWakeUps.QueueName"}])
    );
    assert_eq!((&alarm["Threshold"], &alarm["EvaluationPeriods"]), (&json!(0), &json!(1)));
    assert_eq!(alarm["ComparisonOperator"], "GreaterThanThreshold");
    assert_eq!(alarm["AlarmActions"], json!(["AlarmTopic"]));
    assert_ne!(alarm["ActionsEnabled"], false);
}

#[test]
fn every_caller_calls_the_version_that_is_live() {
    let template = Template::read();
    for (name, integration) in template.of_type("AWS::ApiGatewayV2::Integration") {
        let function = live(&integration["IntegrationUri"]);
        assert_eq!(name.strip_suffix("Integration"), function.strip_suffix("Function"));
        assert_eq!(integration["PayloadFormatVersion"], "2.0");
    }
    for (name, function) in template.of_type("AWS::Serverless::Function") {
        assert_eq!(function["AutoPublishAliasAllProperties"], true, "{name}");
    }
}

#[test]
fn every_alarm_is_told_to_somebody() {
    let template = Template::read();
    let alarms: Vec<_> = template.of_type("AWS::CloudWatch::Alarm").collect();

    assert!(!alarms.is_empty());
    for (name, alarm) in alarms {
        assert_eq!(alarm["AlarmActions"], json!(["AlarmTopic"]), "{name}");
        assert!(alarm["TreatMissingData"].is_string(), "{name}: is silence good or bad?");
    }
}

/// Route → integration → function.
fn function_behind(template: &Template, route: &Value) -> String {
    let target = string(&route["Target"]);
    let integration = target.strip_prefix("integrations/${").unwrap();
    let integration = template.properties(integration.strip_suffix('}').unwrap());
    template.binary(live(&integration["IntegrationUri"]))
}

/// The function whose alias is meant.
fn live(reference: &Value) -> &str {
    let reference = reference.as_str().unwrap();
    reference.strip_suffix(".Alias").unwrap_or_else(|| panic!("{reference} is no alias"))
}
