//! A browser that speaks HTTP to the gateway. What a page means, it has from the harness.

use std::collections::BTreeMap;

use local::{bundle::Bundle, slack::Grant};
use templates::ORGANIZATION;
use url::{Url, form_urlencoded};

use crate::harness::{
    Answer,
    browser::{Form, form_of, next_address},
};

/// A browser, signed in at Slack and at Sentry.
pub(super) struct Browser<'a> {
    bundle: &'a Bundle,
    http: reqwest::Client,
    slack_user: &'a str,
    account: &'a str,
    cookies: BTreeMap<String, String>,
    codes: Vec<String>,
}

impl<'a> Browser<'a> {
    pub(super) fn of(bundle: &'a Bundle, slack_user: &'a str, account: &'a str) -> Self {
        let http = shared::transport::client(None).unwrap();
        Self { bundle, http, slack_user, account, cookies: BTreeMap::new(), codes: Vec::new() }
    }

    /// What it was told in confidence: its cookies, and the codes that it brought back.
    pub(super) fn confidences(&self) -> impl Iterator<Item = &str> {
        self.cookies.values().chain(&self.codes).map(String::as_str)
    }

    /// The whole way of linking: the last page.
    pub(super) async fn link(&mut self, link: &str) -> Answer {
        let start = self.send(self.http.get(link)).await;
        let leaving = self.submit(link, form_of(&start).with("with", "slack")).await;
        let confirm = self.follow(leaving).await;
        let linked = self.submit(link, form_of(&confirm).with("mine", "yes")).await;
        self.follow(linked).await
    }

    /// The whole way of installing the app for an organization: the last page, or the one that asks
    /// whether to add the organization.
    pub(super) async fn install(&mut self, organization: &str) -> Answer {
        let url = self.address_of_install();
        let start = self.send(self.http.get(&url)).await;
        let leaving = self.submit(&url, form_of(&start)).await;
        let choice = self.follow(leaving).await;
        let leaving = self.submit(&url, form_of(&choice).with(ORGANIZATION, organization)).await;
        self.follow(leaving).await
    }

    /// The only button of a page on the way of installing: the page after it.
    pub(super) async fn go_on(&mut self, page: &Answer) -> Answer {
        let sent = self.submit(&self.address_of_install(), form_of(page)).await;
        self.follow(sent).await
    }

    fn address_of_install(&self) -> String {
        format!("{}/install", self.bundle.addresses.public)
    }

    async fn submit(&mut self, url: &str, form: Form) -> Answer {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form.fields());
        let post = self
            .http
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(body.finish());
        self.send(post).await
    }

    /// Through Slack and Sentry, until a page stands still.
    async fn follow(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..10 {
            let Some(next) = next_address(&answer) else { return answer };
            let next = self.allowed(next);
            self.remember_code(&next);
            answer = self.send(self.http.get(next)).await;
        }
        panic!("the browser goes round in circles");
    }

    /// Where Slack or Sentry send it on to, with a yes to whatever they ask.
    fn allowed(&self, address: String) -> String {
        let Bundle { addresses, slack, sentry, .. } = self.bundle;
        if address.starts_with(&format!("{}/oauth/v2/", addresses.slack)) {
            slack.install(self.slack_user, &address, Grant::default()).unwrap()
        } else if address.starts_with(&addresses.slack) {
            slack.authorize(self.slack_user, &address).unwrap()
        } else if address.starts_with(&addresses.sentry) {
            sentry.authorize(self.account, &address).unwrap()
        } else {
            address
        }
    }

    fn remember_code(&mut self, address: &str) {
        let url = Url::parse(address).unwrap();
        let code = url.query_pairs().find(|(name, _)| name == "code");
        self.codes.extend(code.map(|(_, code)| code.into_owned()));
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Answer {
        let kept = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let kept = kept.collect::<Vec<_>>().join("; ");
        let response = request.header("cookie", kept).send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let cookies = headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap().to_owned());
        let cookies: Vec<String> = cookies.collect();
        for cookie in &cookies {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        Answer { status, headers, cookies, body: response.text().await.unwrap() }
    }
}
