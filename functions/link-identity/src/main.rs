//! Lambda entry point of `GET, POST /link-identity/{signed_params}`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let link_identity = link_identity::from_env().await.map_err(shared::telemetry::start_failed)?;
    shared::http::run("link-identity", |request| link_identity.handle(request)).await
}
