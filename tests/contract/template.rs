//! `infra/template.yaml`, as a test reads it.
//!
//! Short functions are read as what they are given: `!Ref Table` is `"Table"`, `!GetAtt
//! Table.Arn` is `"Table.Arn"`, `!If [A, b, c]` is the list.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::files;

/// Its resources by name.
pub(super) struct Template(BTreeMap<String, Value>);

impl Template {
    /// The one in the checkout.
    pub(super) fn read() -> Self {
        let text = files::read("infra/template.yaml");
        let mut template: Value = serde_saphyr::from_str(&text).unwrap();
        Self(serde_json::from_value(template["Resources"].take()).unwrap())
    }

    /// The properties of a resource.
    pub(super) fn properties(&self, name: &str) -> &Value {
        let resource = self.0.get(name).unwrap_or_else(|| panic!("there is no resource {name}"));
        &resource["Properties"]
    }

    /// The names and properties of all resources of a type.
    pub(super) fn of_type(&self, kind: &str) -> impl Iterator<Item = (&str, &Value)> {
        let of_kind = move |resource: &Value| resource["Type"] == kind;
        let found = self.0.iter().filter(move |(_, resource)| of_kind(resource));
        found.map(|(name, resource)| (name.as_str(), &resource["Properties"]))
    }

    /// The whole of a resource.
    pub(super) fn resource(&self, name: &str) -> &Value {
        &self.0[name]
    }

    /// The functions: the name of each resource by the name of its binary.
    pub(super) fn functions(&self) -> BTreeMap<String, String> {
        let functions = self.0.iter().filter(|(_, r)| r["Type"] == "AWS::Serverless::Function");
        functions.map(|(name, _)| (self.binary(name), name.clone())).collect()
    }

    /// The binary of a function's resource.
    pub(super) fn binary(&self, function: &str) -> String {
        string(&self.0[function]["Metadata"]["BuildProperties"]["Binary"])
    }

    /// The functions whose roles are listed.
    pub(super) fn behind(&self, roles: &Value) -> BTreeSet<String> {
        let functions = self.functions();
        let of_role = |role: &String| {
            let same = |(_, name): &(&String, &String)| {
                self.properties(name)["Role"] == format!("{role}.Arn")
            };
            let found = functions.iter().find(same);
            found.unwrap_or_else(|| panic!("{role} is no function's")).0.clone()
        };
        strings(roles).iter().map(of_role).collect()
    }
}

/// A text.
pub(super) fn string(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// One text, or a list of them.
pub(super) fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(all) => all.iter().map(string).collect(),
        one => vec![string(one)],
    }
}
