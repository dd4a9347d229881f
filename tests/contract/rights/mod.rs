//! Least rights: what each function may do in AWS is what its type asks for, no more and no less.
//!
//! The template has a policy for every capability, named like the trait; it lists the roles that have
//! it, and grants what DynamoDB sees when the capability is used.

mod iam;
mod uses;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use shared::store::SaveInstallation;

use self::iam::Right;
use super::{
    files,
    store::records::installation,
    template::{Template, string, strings},
};
use crate::harness::{journal::Journal, watched::Watched};

/// Capabilities of who runs the bundle, by their own rights: `cargo dev`, `audit`, `remove`.
const OF_OPERATORS: [&str; 3] = ["SaveInstallation", "ReadAudit", "RemoveMembers"];
/// What every function may do.
const OF_ALL: [&str; 3] = ["WarmUp", "ReadFrontSecret", "WriteLogs"];
/// The functions that talk to Sentry.
const WITH_VAULT: [&str; 3] = ["options", "perform", "sign-in"];

#[test]
fn a_capability_is_had_by_the_functions_whose_type_asks_for_it() {
    let template = Template::read();
    let mut listed = holders(&template);
    listed.retain(|name, _| capabilities().contains(name));

    let asked: BTreeMap<String, BTreeSet<String>> = capabilities()
        .into_iter()
        .map(|capability| {
            let asking = files::functions().into_iter().filter(|f| asks_for(f, &capability));
            let asking = asking.collect();
            (capability, asking)
        })
        .filter(|(_, functions): &(_, BTreeSet<String>)| !functions.is_empty())
        .collect();

    assert_eq!(listed, asked);
    for name in OF_OPERATORS {
        assert!(!asked.contains_key(name), "{name}: a function has what operators do");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_grants_what_its_capability_does_and_nothing_else() {
    let template = Template::read();
    let table = Watched::with(Journal::default()).await;
    // A workspace to be found.
    table.store.save_installation(&installation()).await.unwrap();
    used(&table.journal);

    for (name, _) in holders(&template) {
        if traits_of("shared/src/store/mod.rs").contains(&name) {
            uses::of(&name, &table.store).await.unwrap();

            assert_eq!(table_rights(&template, &name), used(&table.journal), "{name}");
        }
    }
    table.store.warm().await;
    assert_eq!(table_rights(&template, "WarmUp"), used(&table.journal), "WarmUp");
}

#[test]
fn every_way_to_use_a_capability_is_known_here() {
    let uses = files::read("tests/contract/rights/uses.rs");
    let mut of = String::new();
    for line in files::read("shared/src/store/mod.rs").lines() {
        if let Some(name) = trait_name(line) {
            of = name;
        }
        let method = line.strip_prefix("    fn ").and_then(|rest| rest.split('(').next());
        let Some(method) = method.filter(|_| !OF_OPERATORS.contains(&of.as_str())) else {
            continue;
        };
        assert!(uses.contains(&format!("store.{method}(")), "{of}::{method} is not used");
    }
}

#[test]
fn queues_are_sent_to_by_who_sends_and_received_from_by_the_worker() {
    let template = Template::read();
    let sends = |name| grants(&template, name);
    let send =
        |queue: &str| BTreeSet::from([("sqs:SendMessage".to_owned(), format!("{queue}.Arn"))]);

    assert_eq!(sends("Wake"), send("WakeUps"));
    assert_eq!(sends("WakePosts"), send("PostWakeUps"));
    assert_eq!(sends("SendUnfurl"), send("PostWakeUps"));
    assert_eq!(holders(&template)["ReceiveWakeUps"], BTreeSet::from(["perform".to_owned()]));
    let received = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
    let both = received.into_iter().flat_map(|action| {
        ["WakeUps.Arn", "PostWakeUps.Arn"].map(|queue| (action.to_owned(), queue.to_owned()))
    });
    assert_eq!(sends("ReceiveWakeUps"), both.collect());
}

#[test]
fn a_function_is_told_of_the_queues_it_may_send_to() {
    let template = Template::read();
    for (binary, name) in template.functions() {
        let variables = &template.properties(&name)["Environment"]["Variables"];
        let told: BTreeSet<String> = ["QUEUE_URL", "POSTS_QUEUE_URL"]
            .iter()
            .filter_map(|variable| variables[variable].as_str().map(str::to_owned))
            .collect();

        let mut may = BTreeSet::new();
        for (trait_, queue) in
            [("Wake", "WakeUps"), ("WakePosts", "PostWakeUps"), ("SendUnfurl", "PostWakeUps")]
        {
            if asks_for(&binary, trait_) {
                may.insert(queue.to_owned());
            }
        }

        assert_eq!(told, may, "{binary}");
    }
}

#[test]
fn only_who_talks_to_sentry_reads_the_vault_or_is_in_the_vpc() {
    let template = Template::read();
    let expected: BTreeSet<String> = WITH_VAULT.iter().map(|&name| name.to_owned()).collect();
    let with = |property: fn(&Value) -> &Value| -> BTreeSet<String> {
        let functions = template.functions().into_iter();
        let has = functions.filter(|(_, name)| !property(template.properties(name)).is_null());
        has.map(|(binary, _)| binary).collect()
    };

    assert_eq!(holders(&template)["ReadVaultSecret"], expected);
    let vault =
        BTreeSet::from([("secretsmanager:GetSecretValue".to_owned(), "VaultSecret".to_owned())]);
    assert_eq!(grants(&template, "ReadVaultSecret"), vault);
    assert_eq!(with(|p| &p["Environment"]["Variables"]["VAULT_SECRET_ARN"]), expected);
    assert_eq!(with(|p| &p["VpcConfig"]), expected);
    // On a laptop as well.
    let sources = files::read("infra/local/src/settings.rs");
    assert!(sources.contains(r#"["perform", "sign-in", "options"]"#));
}

#[test]
fn every_function_may_read_the_front_secret_write_its_log_and_nothing_more_by_being_one() {
    let template = Template::read();
    for name in OF_ALL {
        assert_eq!(holders(&template)[name], files::functions(), "{name}");
    }
    let read =
        BTreeSet::from([("secretsmanager:GetSecretValue".to_owned(), "FrontSecret".to_owned())]);
    assert_eq!(grants(&template, "ReadFrontSecret"), read);
    for (name, functions) in holders(&template) {
        let known = capabilities().contains(&name)
            || OF_ALL.contains(&name.as_str())
            || ["ReceiveWakeUps", "ReadVaultSecret"].contains(&name.as_str());
        assert!(known, "{name} of {functions:?} is no capability");
    }
}

#[test]
fn no_policy_is_about_everything() {
    let template = Template::read();
    for (name, policy) in template.of_type("AWS::IAM::Policy") {
        assert_eq!(policy["PolicyName"], name);
        for (action, resource) in grants(&template, name) {
            assert!(!action.contains('*') && action.contains(':'), "{name}: {action}");
            assert!(!resource.contains('*'), "{name}: {resource}");
        }
    }
}

#[test]
fn a_role_comes_with_what_lambda_asks_for_when_it_makes_the_function_and_nothing_else() {
    let template = Template::read();
    let roles: BTreeMap<_, _> = template.of_type("AWS::IAM::Role").collect();
    assert_eq!(roles.len(), files::functions().len());
    for (binary, name) in template.functions() {
        let function = template.properties(&name);
        let role = roles[string(&function["Role"]).strip_suffix(".Arn").unwrap()];
        assert!(role["Policies"].is_null() && function["Policies"].is_null(), "{binary}");
        let trusted = &role["AssumeRolePolicyDocument"]["Statement"];
        assert_eq!(
            trusted,
            &json!([{
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }])
        );
        let in_vpc = json!(["PutTraces", ["HasVpc", "JoinVpc", "AWS::NoValue"]]);
        let expected =
            if WITH_VAULT.contains(&binary.as_str()) { in_vpc } else { json!(["PutTraces"]) };
        assert_eq!(role["ManagedPolicyArns"], expected, "{binary}");
    }
}

#[test]
fn what_comes_with_a_role_is_to_trace_and_for_lambda_alone_to_join_the_vpc() {
    let template = Template::read();
    let managed: Vec<_> = template.of_type("AWS::IAM::ManagedPolicy").collect();
    assert_eq!(managed.len(), 2);
    for (name, _) in managed {
        let service = if name == "PutTraces" { "xray:Put" } else { "ec2:" };
        for (action, _) in grants(&template, name) {
            assert!(action.starts_with(service) && !action.contains('*'), "{name}: {action}");
        }
    }
    // What the function's own code asks for names the function.
    let condition = &statements(&template, "JoinVpc")[0]["Condition"];
    assert_eq!(condition, &json!({"Null": {"lambda:SourceFunctionArn": "true"}}));
}

/// The rights that were used since this was asked last.
fn used(journal: &Journal) -> BTreeSet<Right> {
    let requests = journal.requests();
    requests.iter().flat_map(|(operation, body)| iam::needed(operation, body)).collect()
}

/// The functions that have each policy, by its name.
fn holders(template: &Template) -> BTreeMap<String, BTreeSet<String>> {
    let policies = template.of_type("AWS::IAM::Policy");
    policies.map(|(name, policy)| (name.to_owned(), template.behind(&policy["Roles"]))).collect()
}

fn statements<'a>(template: &'a Template, policy: &str) -> &'a [Value] {
    let document = &template.properties(policy)["PolicyDocument"];
    assert_eq!(document["Version"], "2012-10-17", "{policy}");
    document["Statement"].as_array().unwrap()
}

/// Each action with each resource it is granted on.
fn grants(template: &Template, policy: &str) -> BTreeSet<Right> {
    let mut grants = BTreeSet::new();
    for statement in statements(template, policy) {
        assert_eq!(statement["Effect"], "Allow", "{policy}");
        for action in strings(&statement["Action"]) {
            let on = strings(&statement["Resource"]).into_iter();
            grants.extend(on.map(|resource| (action.clone(), resource)));
        }
    }
    grants
}

/// The same of a policy about the table: each action with each kind of item.
fn table_rights(template: &Template, policy: &str) -> BTreeSet<Right> {
    let mut rights = BTreeSet::new();
    for statement in statements(template, policy) {
        let kinds = match string(&statement["Resource"]).as_str() {
            "Table.Arn" => {
                strings(&statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"])
            }
            index => vec![index.strip_prefix("${Table.Arn}/").unwrap().to_owned()],
        };
        for action in strings(&statement["Action"]) {
            let action = action.strip_prefix("dynamodb:").unwrap();
            rights.extend(kinds.iter().map(|kind| (action.to_owned(), kind.clone())));
        }
    }
    rights
}

/// All capabilities: the traits of the table and of the queues.
fn capabilities() -> BTreeSet<String> {
    let files = ["shared/src/store/mod.rs", "shared/src/queue.rs"];
    files.into_iter().flat_map(traits_of).collect()
}

fn traits_of(file: &str) -> BTreeSet<String> {
    files::read(file).lines().filter_map(trait_name).collect()
}

fn trait_name(line: &str) -> Option<String> {
    let (name, _) = line.strip_prefix("pub trait ")?.split_once(':')?;
    Some(name.to_owned())
}

/// Whether a function's source names a capability. What is not used is not named: the compiler sees
/// to it. `WorkPosts` brings what it builds upon.
fn asks_for(function: &str, capability: &str) -> bool {
    let folder = files::path(&format!("functions/{function}/src"));
    files::entries(&folder).iter().any(|file| {
        let source = std::fs::read_to_string(file).unwrap();
        let words = source.lines().filter(|line| !line.trim_start().starts_with("//"));
        words
            .flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'))
            .any(|word| word == capability || (word == "WorkPosts" && capability == "KeepPosts"))
    })
}
