//! A person's browser: cookies, forms, and the two sign-ins on the way.
//!
//! It keeps what a page told it to keep and sends it back, no more. At Slack it is signed in as one
//! user, at Sentry as one account, and says yes to both unless it is told otherwise.

mod install;

use std::{collections::BTreeMap, sync::Arc};

use local::slack::Grant;
use serde_json::{Map, Value, json};
use shared::{
    browser::{COOKIE, SETUP_COOKIE},
    store::memory::MemoryStore,
};
use tokio::task::JoinSet;
use url::{Url, form_urlencoded};

use super::{ALICE, ALICES, Answer, PUBLIC_URL, Store, World, event};

/// A browser.
pub(crate) struct Browser<'a, S = MemoryStore> {
    world: &'a World<S>,
    /// Who it is at Slack.
    pub(crate) slack_user: String,
    /// Who it is at Sentry.
    pub(crate) account: String,
    /// Its cookies for the bundle, by their names.
    pub(crate) cookies: BTreeMap<String, String>,
    /// What it allows an app that wants to be installed.
    pub(crate) grant: Grant,
}

/// A form as a page shows it.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    fields: Vec<(String, String)>,
}

impl Form {
    /// The same form with one field set.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.into(), value.into()));
        self
    }

    /// What it holds.
    pub(crate) fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    fn encoded(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.fields).finish()
    }
}

impl<'a, S: Store> Browser<'a, S> {
    /// A browser that is signed in as these two.
    pub(crate) fn of(world: &'a World<S>, slack_user: &str, account: &str) -> Self {
        Self {
            world,
            slack_user: slack_user.into(),
            account: account.into(),
            cookies: BTreeMap::new(),
            grant: Grant::default(),
        }
    }

    /// The same with these cookies.
    pub(crate) fn with(self, cookies: BTreeMap<String, String>) -> Self {
        Self { cookies, ..self }
    }

    /// The cookie that names it on the pages behind links.
    pub(crate) fn cookie(&self) -> Option<&str> {
        self.cookies.get(COOKIE).map(String::as_str)
    }

    /// The cookie that names it where the app is installed.
    pub(crate) fn setup_cookie(&self) -> Option<&str> {
        self.cookies.get(SETUP_COOKIE).map(String::as_str)
    }

    /// Plants a cookie.
    pub(crate) fn plant(&mut self, name: &str, value: impl Into<String>) {
        self.cookies.insert(name.into(), value.into());
    }

    /// Opens an address of the bundle.
    pub(crate) async fn get(&mut self, url: &str) -> Answer {
        self.request("GET", url, "", &[]).await
    }

    /// Sends a form to the address it stands at.
    pub(crate) async fn submit(&mut self, url: &str, form: &Form) -> Answer {
        self.request("POST", url, &form.encoded(), &[("sec-fetch-site", "same-origin")]).await
    }

    /// Any request to the bundle, with its cookie.
    pub(crate) async fn request(
        &mut self,
        method: &str,
        url: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let path = url.strip_prefix(PUBLIC_URL).unwrap_or_else(|| panic!("{url} is not ours"));
        let headers: Map<String, Value> =
            headers.iter().map(|(name, value)| ((*name).into(), json!(value))).collect();
        let mut event = event(method, path, &json!(headers), body);
        if !self.cookies.is_empty() {
            let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            event["cookies"] = pairs.collect();
        }
        let answer = self.world.dispatch(&event).await;
        for cookie in &answer.cookies {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.plant(name, value);
        }
        answer
    }

    /// The first page's form, sent; the answer hands over to Slack or Sentry.
    pub(crate) async fn begin(&mut self, link: &str) -> Answer {
        let page = self.get(link).await;
        assert_eq!(page.status, 200, "{}", page.body);
        self.submit(link, &form_of(&page).with("with", "slack")).await
    }

    /// Goes where the page or redirect leads, through Slack and Sentry, until a page of the bundle
    /// stands still.
    pub(crate) async fn follow(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..10 {
            let Some(next) = next_address(&answer) else { return answer };
            answer = self.get(&self.agreed(next)).await;
        }
        panic!("the browser goes round in circles");
    }

    /// Where Slack or Sentry send it when it says yes to what they ask at this address; an address
    /// of the bundle asks nothing.
    pub(crate) fn agreed(&self, address: String) -> String {
        if address.contains("/openid/connect/authorize") {
            self.world.slack.authorize(&self.slack_user, &address).unwrap()
        } else if address.contains("/oauth/v2/authorize") {
            self.world.slack.install(&self.slack_user, &address, self.grant.clone()).unwrap()
        } else if address.contains("/oauth/authorize") {
            self.world.sentry.authorize(&self.account, &address).unwrap()
        } else {
            address
        }
    }

    /// From the link to the last page before anything is written.
    pub(crate) async fn prove(&mut self, link: &str) -> Answer {
        let leaving = self.begin(link).await;
        assert_eq!(leaving.status, 200, "{}", leaving.body);
        self.follow(leaving).await
    }

    /// The whole way of linking: the last page.
    pub(crate) async fn link(&mut self, link: &str) -> Answer {
        let confirm = self.prove(link).await;
        assert_eq!(confirm.status, 200, "{}", confirm.body);
        let sent = self.submit(link, &form_of(&confirm).with("mine", "yes")).await;
        self.follow(sent).await
    }

    /// The whole way of unlinking: the last page.
    pub(crate) async fn unlink(&mut self, link: &str) -> Answer {
        let confirm = self.prove(link).await;
        assert_eq!(confirm.status, 200, "{}", confirm.body);
        let sent = self.submit(link, &form_of(&confirm).with("sure", "yes")).await;
        self.follow(sent).await
    }
}

impl<S: Store> World<S> {
    /// This form, sent so many times at once by one browser.
    pub(crate) async fn submit_at_once(
        self: &Arc<Self>,
        cookies: &BTreeMap<String, String>,
        url: &str,
        form: &Form,
        times: usize,
    ) -> Vec<Answer> {
        let mut tabs = JoinSet::new();
        for _ in 0..times {
            let (world, cookies) = (Arc::clone(self), cookies.clone());
            let (url, form) = (url.to_owned(), form.clone());
            tabs.spawn(async move {
                Browser::of(&*world, ALICE, ALICES).with(cookies).submit(&url, &form).await
            });
        }
        tabs.join_all().await
    }
}

/// The form of a page: its hidden fields.
pub(crate) fn form_of(page: &Answer) -> Form {
    let fields = page
        .body
        .split("<input")
        .skip(1)
        .filter(|input| input.contains("type=\"hidden\""))
        .map(|input| (attribute(input, "name"), attribute(input, "value")))
        .collect::<Vec<_>>();
    assert!(!fields.is_empty(), "no form in {}", page.body);
    Form { fields }
}

fn attribute(tag: &str, name: &str) -> String {
    let marker = format!("{name}=\"");
    let start = tag.find(&marker).unwrap() + marker.len();
    unescaped(tag[start..].split('"').next().unwrap())
}

/// Where an answer leads: a redirect's `Location`, or a page's refresh.
pub(crate) fn next_address(answer: &Answer) -> Option<String> {
    if answer.status == 303 {
        return Some(answer.headers["location"].to_str().unwrap().to_owned());
    }
    let refresh = answer.body.split("http-equiv=\"refresh\"").nth(1)?;
    let url = attribute(refresh, "content").split_once("url=").map(|(_, url)| url.to_owned())?;
    assert!(Url::parse(&url).is_ok(), "{url}");
    Some(url)
}

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
