//! A browser that speaks HTTP to the gateway. What a page means, it has from the harness.

use local::bundle::Bundle;
use url::form_urlencoded;

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
    cookie: String,
}

impl<'a> Browser<'a> {
    pub(super) fn of(bundle: &'a Bundle, slack_user: &'a str, account: &'a str) -> Self {
        let http = shared::transport::client(None).unwrap();
        Self { bundle, http, slack_user, account, cookie: String::new() }
    }

    /// The whole way of linking: the last page.
    pub(super) async fn link(&mut self, link: &str) -> Answer {
        let start = self.send(self.http.get(link)).await;
        let leaving = self.submit(link, form_of(&start).with("with", "slack")).await;
        let confirm = self.follow(leaving).await;
        let linked = self.submit(link, form_of(&confirm).with("mine", "yes")).await;
        self.follow(linked).await
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
            let next = if next.starts_with(&self.bundle.addresses.slack) {
                self.bundle.slack.authorize(self.slack_user, &next).unwrap()
            } else if next.starts_with(&self.bundle.addresses.sentry) {
                self.bundle.sentry.authorize(self.account, &next).unwrap()
            } else {
                next
            };
            answer = self.send(self.http.get(next)).await;
        }
        panic!("the browser goes round in circles");
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.header("cookie", &self.cookie).send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let cookies = headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap().to_owned());
        let cookies: Vec<String> = cookies.collect();
        if let Some(cookie) = cookies.last() {
            cookie.split(';').next().unwrap().clone_into(&mut self.cookie);
        }
        Answer { status, headers, cookies, body: response.text().await.unwrap() }
    }
}
