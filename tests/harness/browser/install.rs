//! The way of an admin who adds the app to a workspace.

use super::{Answer, Browser, PUBLIC_URL, Store, form_of};

impl<S: Store> Browser<'_, S> {
    /// The page that everything of an install stands at.
    pub(crate) async fn install_page(&mut self) -> Answer {
        self.get(&install()).await
    }

    /// A form of that page, sent.
    pub(crate) async fn submit_install(&mut self, form: &super::Form) -> Answer {
        self.submit(&install(), form).await
    }

    /// Page 1, sent; the answer hands over to Sentry. An organization that Sentry does not list is
    /// named by its slug.
    pub(crate) async fn begin_install(&mut self, slug: &str) -> Answer {
        let page = self.install_page().await;
        assert_eq!(page.status, 200, "{}", page.body);
        self.submit_install(&form_of(&page).with("organization", slug)).await
    }

    /// Up to the page that asks for which organization, or to the one that says why not.
    pub(crate) async fn prove_admin(&mut self, slug: &str) -> Answer {
        let leaving = self.begin_install(slug).await;
        assert_eq!(leaving.status, 200, "{}", leaving.body);
        self.follow(leaving).await
    }

    /// Up to where the browser is handed over to Slack, for the organization of this id.
    pub(crate) async fn choose(&mut self, organization: &str) -> Answer {
        let page = self.prove_admin("").await;
        assert_eq!(page.status, 200, "{}", page.body);
        self.submit_install(&form_of(&page).with("organization", organization)).await
    }

    /// The whole way, for the organization of this id: the last page.
    pub(crate) async fn install(&mut self, organization: &str) -> Answer {
        let leaving = self.choose(organization).await;
        assert_eq!(leaving.status, 200, "{}", leaving.body);
        self.follow(leaving).await
    }
}

fn install() -> String {
    format!("{PUBLIC_URL}/install")
}
