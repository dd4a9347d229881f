//! Lambda entry point of `GET /sign-in/slack` and `GET /sign-in/sentry`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let sign_in = sign_in::from_env().await.map_err(shared::telemetry::start_failed)?;
    shared::http::run("sign-in", |request| sign_in.handle(request)).await
}
