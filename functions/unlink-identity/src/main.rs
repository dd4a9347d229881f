//! Lambda entry point of `GET, POST /unlink-identity/{signed_params}`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let unlink_identity =
        unlink_identity::from_env().await.map_err(shared::telemetry::start_failed)?;
    shared::http::run("unlink-identity", |request| unlink_identity.handle(request)).await
}
