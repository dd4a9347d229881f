//! A proxy that the environment names, by whatever name: nobody uses it. What Lambda sets, or
//! whoever may set a variable of a function, does not decide who hears tokens.

use std::net::TcpListener;

use local::bundle::{Bundle, Options};

use super::{functions, link_and_click_again, stop, words_of};

/// The names under which HTTP clients look for a proxy.
const NAMES: [&str; 6] =
    ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_the_environment_hears_nothing() {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    let settings = NAMES.map(|name| (name.to_owned(), url.clone())).into();
    let options = Options { settings, ..Options::new(functions().clone()) };

    let bundle = Bundle::start(options).await.unwrap();
    assert!(bundle.unready.is_empty(), "{:?}", bundle.unready);
    let (_, second) = link_and_click_again(&bundle).await;

    assert!(words_of(&bundle, &second).contains("*Issue archived by"));
    assert!(proxy.accept().is_err(), "the proxy was called");
    stop(bundle).await;
}
