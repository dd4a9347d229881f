//! Which reply belongs to which payload of Slack, and what each family of payload asks for.

mod command;
mod event;
mod families;
mod health;
mod install;
mod options;
mod replies;
mod robust;
